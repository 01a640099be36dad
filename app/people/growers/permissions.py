"""The rights over sellers."""

from __future__ import annotations

from app.kernel.permissions import Permission

GROWERS_READ = Permission("growers.read", "查看卖家登记（号码隐去）")
GROWERS_VERIFY = Permission("growers.verify", "核实、暂停、恢复和关闭卖家", needs_step_up=True)
GROWERS_UNMASK = Permission("growers.unmask", "查看卖家的完整手机号和身份证号（登记原因）", needs_step_up=True)
