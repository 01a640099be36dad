"""The right to see what waits for a decision; each step has its own permission besides."""

from __future__ import annotations

from app.kernel.permissions import Permission

APPROVALS_READ = Permission("approvals.read", "查看等自己审批和自己报上去的事")
