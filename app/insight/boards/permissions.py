"""The rights over boards; the county's public board asks for none."""

from __future__ import annotations

from app.kernel.permissions import Permission

BOARDS_READ = Permission("boards.read", "查看工作台上的看板")
