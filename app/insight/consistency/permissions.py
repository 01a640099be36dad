"""The rights over the checks of the books."""

from __future__ import annotations

from app.kernel.permissions import Permission

CHECKS_READ = Permission("checks.read", "查看对账检查")
CHECKS_RUN = Permission("checks.run", "马上对账一次")
