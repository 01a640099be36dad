"""The rights over bank accounts of sellers."""

from __future__ import annotations

from app.kernel.permissions import Permission

PURSE_READ = Permission("purse.read", "查看收款账号登记（号码隐去）")
PURSE_VERIFY = Permission("purse.verify", "核实收款账号", needs_step_up=True)
PURSE_UNMASK = Permission("purse.unmask", "查看完整收款账号（登记原因）", needs_step_up=True)
