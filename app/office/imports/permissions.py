"""The rights over importing and exporting; what may be imported also takes the right over its kind."""

from __future__ import annotations

from app.kernel.permissions import Permission

IMPORTS_USE = Permission("imports.use", "用表格导入和导出自己管的资料")
GROWERS_IMPORT = Permission("growers.import", "用表格登记本乡镇的农户")
