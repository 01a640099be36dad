"""The rights over invoices."""

from __future__ import annotations

from app.kernel.permissions import Permission

INVOICES_ASK = Permission("invoices.ask", "给自己的订单要发票、看收据")
INVOICES_ISSUE = Permission("invoices.issue", "登记自己店里开出的发票")
INVOICES_READ = Permission("invoices.read", "查看发票申请（抬头和税号隐去）")
