"""The rights over settlements."""

from __future__ import annotations

from app.kernel.permissions import Permission

STATEMENTS_OWN = Permission("statements.own", "查看自己店里的结算单")
SETTLEMENTS_READ = Permission("settlements.read", "查看货款结算")
SETTLEMENTS_MAKE = Permission("settlements.make", "算货款结算")
SETTLEMENTS_APPROVE = Permission("settlements.approve", "复核货款结算", needs_step_up=True)
