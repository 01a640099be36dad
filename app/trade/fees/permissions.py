"""The rights over what the county keeps of a sale."""

from __future__ import annotations

from app.kernel.permissions import Permission

FEES_READ = Permission("fees.read", "查看平台服务费率")
FEES_MAKE = Permission("fees.make", "提出平台服务费率")
FEES_APPROVE = Permission("fees.approve", "复核平台服务费率", needs_step_up=True)
