"""The rights over payments."""

from __future__ import annotations

from app.kernel.permissions import Permission

PAYMENTS_READ = Permission("payments.read", "查看货款到账和退款")
PAYMENTS_CONFIRM = Permission("payments.confirm", "确认货款到账和退款", needs_step_up=True)
