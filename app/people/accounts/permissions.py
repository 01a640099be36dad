"""The rights over people and their roles."""

from __future__ import annotations

from app.kernel.permissions import Permission

ME = Permission("people.me", "管理自己的登录和资料")
PEOPLE_READ = Permission("people.read", "查看人员和角色（号码隐去）")
PEOPLE_GRANT = Permission("people.grant", "授予和撤销角色", needs_step_up=True)
PEOPLE_UNMASK = Permission("people.unmask", "查看完整手机号（登记原因）", needs_step_up=True)
