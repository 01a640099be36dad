"""The rights over stock."""

from __future__ import annotations

from app.kernel.permissions import Permission

STOCK_EDIT = Permission("stock.edit", "登记自己的入库和取回")
