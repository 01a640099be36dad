"""What also goes as a text fits into one, signature included, and tells nobody's secrets."""

import pytest

from app.kernel import ids
from app.kernel.money import Money
from app.people.growers.events import SellerRefused, SellerVerified
from app.people.messages import short
from app.people.messages.service import signs
from app.people.purse.events import AccountVerified

LONGEST_NAME = "名" * 40
RARE_NAME = "𠮷" * 40


def all_sentences(name: str) -> list[str]:
    number = ids.public_number("D")
    return [
        short.order_paid(number),
        short.order_shipped(number),
        short.refund_sent(number, Money(10**9)),
        short.MANDATE_CODE.format(code="123456"),
        *(
            say(name)
            for say in (short.mandate_on_paper, short.mandate_given, short.mandate_refused, short.mandate_ended)
        ),
        *(short._named(sentence, name) for sentence in (*short.DECIDED.values(), *short.ACCOUNT_CHANGED.values())),
    ]


@pytest.mark.parametrize("name", ["王家枣园", LONGEST_NAME, RARE_NAME, "{name}", "%(x)s {0}"])
def test_every_text_fits_beside_the_signature_whatever_the_name(name: str) -> None:
    assert {signs(words) <= short.MOST for words in all_sentences(name)} == {True}


def test_a_name_that_fits_stands_whole_and_a_long_one_is_cut_with_a_sign() -> None:
    assert short.decided(SellerVerified(seller_id=1, township="x"), "王家枣园") == (
        "“王家枣园”核实通过了，现在就能上架卖枣。"
    )
    assert "名…”" in short.decided(SellerRefused(seller_id=1), LONGEST_NAME)


def test_a_changed_account_warns_whoever_did_not_change_it() -> None:
    assert "不是自家人办的，请马上找乡镇" in short.account_changed(AccountVerified(account_id=1), LONGEST_NAME)
