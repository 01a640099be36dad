"""The rights over recalls that officials hold; a seller recalls his own lots with his right over his stock."""

from __future__ import annotations

from app.kernel.permissions import Permission

RECALLS_READ = Permission("recalls.read", "查看本地的批次和召回")
RECALLS_MAKE = Permission("recalls.make", "召回本地的批次", needs_step_up=True)
RECALLS_LIFT = Permission("recalls.lift", "解除别人发起的召回，登记销毁", needs_step_up=True)
RECALLS_UNMASK = Permission("recalls.unmask", "为召回查看买家的姓名和电话", needs_step_up=True)
