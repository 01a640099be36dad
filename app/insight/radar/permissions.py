"""The right to see whose fruit lies too long."""

from __future__ import annotations

from app.kernel.permissions import Permission

RADAR_READ = Permission("radar.read", "查看待卖雷达")
