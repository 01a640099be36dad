"""How the address book says no."""

from __future__ import annotations

from app.kernel.errors import BadValue


class BookFull(BadValue):
    """The person keeps as many addresses as there is room for."""

    code = "address_book_full"
    sentence = "地址簿最多存 {most} 个地址，请先删掉一个不用的。"
