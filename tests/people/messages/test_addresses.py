"""A mail address has one spelling and room for nothing else."""

import pytest

from app.people.messages import addresses
from app.people.messages.errors import BadAddress


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("li@example.com", "li@example.com"),
        (" Li.Zao+box@Mail.Example.COM ", "Li.Zao+box@mail.example.com"),
        ("ｌｉ＠ｅｘａｍｐｌｅ．ｃｏｍ", "li@example.com"),
        ("li@红枣.中国", "li@xn--ntvu52c.xn--fiqs8s"),
        ("123456789@qq.com", "123456789@qq.com"),
        (f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 57}.cn", f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 57}.cn"),
    ],
)
def test_an_address_is_kept_in_its_one_spelling(typed: str, kept: str) -> None:
    assert addresses.parse(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        *("", "@", "li", "li@", "@example.com", "li@@example.com", "li@a@example.com", "li@localhost", "li@.com"),
        *("li@example.com.", "li@example..com", "li@-example.com", "li@example-.com", "li@exa_mple.com", "li@1.2.3.4"),
        *("li@[127.0.0.1]", "li zao@example.com", ".li@example.com", "li.@example.com", "l..i@example.com"),
        *('"li"@example.com', "li<b>@example.com", "li,wang@example.com", "li;x@example.com", "li(x)@example.com"),
        *("li@example.com\r\nBcc: all@example.com", "li@example.com\n", "li\0@example.com", "li@exam\u200bple.com\r"),
        *("李@example.com", "li@example.com, wang@example.com", "Li <li@example.com>", "li\u202e@example.com"),
        *(f"{'a' * 65}@example.com", f"li@{'b' * 64}.com", f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 60}.cn"),
        *("li@" + "枣" * 300 + ".com", "li@" + "x." * 5000 + "com", "li@example.c\ud800m"),
    ],
)
def test_anything_else_is_refused(typed: str) -> None:
    with pytest.raises(BadAddress):
        addresses.parse(typed)
