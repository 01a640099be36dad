"""Mobile numbers have one spelling."""

import pytest

from app.people.accounts import phones
from app.people.accounts.errors import BadPhone


@pytest.mark.parametrize(
    "typed", ["13800001234", " 138 0000 1234 ", "138-0000-1234", "１３８００００１２３４", "138\u30000000－1234"]
)
def test_blanks_hyphens_and_wide_digits_may_be_typed(typed: str) -> None:
    assert phones.parse(typed) == "13800001234"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "1380000123",
        "138000012345",
        "23800001234",
        "12800001234",
        "+8613800001234",
        "138000O1234",
        "١٣٨٠٠٠٠١٢٣٤",
        "①3800001234",
        "13800001234\x00",
        "13800001234;",
        "13800001234\n1",
        "½3800001234",
        "0351-4000000",
        "1" * 10000,
    ],
)
def test_anything_else_is_refused(typed: str) -> None:
    with pytest.raises(BadPhone):
        phones.parse(typed)


def test_others_see_the_head_and_the_tail() -> None:
    assert phones.masked("13812341234") == "138****1234"
