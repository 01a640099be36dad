"""The rights over what is on its way out."""

from __future__ import annotations

from app.kernel.permissions import Permission

MESSAGES_READ = Permission("messages.read", "查看短信、邮件和待办事项（号码和邮箱隐去）")
MESSAGES_CODES = Permission("messages.codes", "没有接短信网关时，替本人看登录验证码", needs_step_up=True)
MESSAGES_RETRY = Permission("messages.retry", "让没发出去的短信、邮件和没办成的待办事项再来一次")
