"""The right over freight."""

from app.kernel.permissions import Permission

FREIGHT_EDIT = Permission("freight.edit", "修改运费表")
