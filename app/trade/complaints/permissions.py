"""The rights over complaints."""

from __future__ import annotations

from app.kernel.permissions import Permission

COMPLAINTS_MAKE = Permission("complaints.make", "投诉自己的订单")
COMPLAINTS_ANSWER = Permission("complaints.answer", "答复对自己店的投诉")
COMPLAINTS_READ = Permission("complaints.read", "查看本地投诉")
COMPLAINTS_DECIDE = Permission("complaints.decide", "处理本地投诉", needs_step_up=True)
