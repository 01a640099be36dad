"""The rights over money on its way to people."""

from __future__ import annotations

from app.kernel.permissions import Permission

PAYOUTS_READ = Permission("payouts.read", "查看付款、付款文件和银行回盘")
PAYOUTS_EXPORT = Permission("payouts.export", "做付款文件、下载付款文件", needs_step_up=True)
PAYOUTS_RETURN = Permission("payouts.return", "上传银行回盘、登记对不上的行", needs_step_up=True)
