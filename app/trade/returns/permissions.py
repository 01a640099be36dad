"""The rights over returns that officials hold; buyers and sellers have them with their orders."""

from __future__ import annotations

from app.kernel.permissions import Permission

RETURNS_READ = Permission("returns.read", "查看本地的退货")
RETURNS_DECIDE = Permission("returns.decide", "买卖双方说不拢时决定退不退，代收代验退货", needs_step_up=True)
