"""The rights over what is on its way out."""

from __future__ import annotations

from app.kernel.permissions import Permission

MESSAGES_READ = Permission("messages.read", "查看短信、邮件和待办事项（号码和邮箱隐去）")
MESSAGES_RETRY = Permission("messages.retry", "让没发出去的短信、邮件和没办成的待办事项再来一次")
