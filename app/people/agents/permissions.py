"""The rights over village agents and their mandates."""

from __future__ import annotations

from app.kernel.permissions import Permission

AGENTS_READ = Permission("agents.read", "查看代办员和委托")
AGENTS_MANAGE = Permission("agents.manage", "指定代办员，核对、停止委托，答复异议", needs_step_up=True)
