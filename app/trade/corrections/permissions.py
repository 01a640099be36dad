"""The rights over corrections of what is a seller's."""

from __future__ import annotations

from app.kernel.permissions import Permission

CORRECTIONS_READ = Permission("corrections.read", "查看货款更正")
CORRECTIONS_MAKE = Permission("corrections.make", "提出货款更正")
CORRECTIONS_APPROVE = Permission("corrections.approve", "复核货款更正", needs_step_up=True)
