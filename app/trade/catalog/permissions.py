"""The rights over packs."""

from __future__ import annotations

from app.kernel.permissions import Permission

PACKS_EDIT = Permission("packs.edit", "上架和修改自己的红枣")
PACKS_STOP = Permission("packs.stop", "停售违规商品")
