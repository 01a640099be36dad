"""The rights over orders."""

from __future__ import annotations

from app.kernel.permissions import Permission

ORDERS_BUY = Permission("orders.buy", "下单、查看和取消自己的订单")
ORDERS_SHIP = Permission("orders.ship", "装箱发货自己店里的订单")
ORDERS_READ = Permission("orders.read", "查看本地订单（买家信息隐去）")
