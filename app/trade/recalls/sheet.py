"""The orders of a recall as a table for a spreadsheet: UTF-8 with its mark, every cell text, none a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from app.office.payouts.sheet import as_text
from app.trade.recalls.queries import Affected

COLUMNS = ("订单", "下单日期", "卖家", "商品", "件数", "状态", "已发出")


def write(found: Sequence[Affected]) -> bytes:
    """One line for each order, without its buyer."""
    page = io.StringIO(newline="")
    page.write("\ufeff")
    writer = csv.writer(page, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for one in found:
        cells = (one.number, one.placed_on.isoformat(), one.seller_name, one.title, str(one.pieces), one.state.words)
        writer.writerow([*(as_text(cell) for cell in cells), "是" if one.is_sent else "否"])
    return page.getvalue().encode()
