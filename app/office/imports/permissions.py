"""The rights over importing and exporting; whose data, its scope says."""

from __future__ import annotations

from app.kernel.permissions import Permission

IMPORTS_USE = Permission("imports.use", "用表格导入和导出自己管的资料")
