"""The passwords that everybody guesses first, computed from the patterns people follow."""

from __future__ import annotations

from functools import cache
from itertools import product

LEAST = 8
_ROWS = ("1234567890", "0987654321", "qwertyuiop", "poiuytrewq", "asdfghjkl", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz")
_WORDS = (
    *("password", "passw0rd", "p@ssw0rd", "admin", "administrator", "welcome", "letmein", "changeme", "iloveyou"),
    *("woaini", "woaini1314", "aini1314", "5201314", "1314520", "wodemima", "mima", "liulin", "hongzao", "jujube"),
    *("qwerty", "abc", "abcd", "a", "aa", "qq", "qwe", "test", "root", "user", "monkey", "dragon", "china"),
)
_TAILS = (
    *("", "1", "12", "123", "1234", "12345", "123456", "1234567", "12345678", "123456789", "000000", "111111"),
    *("666666", "888888", "520", "1314", "5201314", "!", "@123", "#123", "123!"),
    *(str(year) for year in range(2010, 2031)),
)
_BLOCKS = ("123", "1234", "112233", "123123", "1qaz2wsx", "qwe123", "147258369", *_WORDS)
_OTHERS = ("1q2w3e4r", "1q2w3e4r5t", "q1w2e3r4", "1qaz2wsx3edc", "qazwsxedc", "zaq12wsx", "11223344")


def is_well_known(password: str) -> bool:
    """Whether the password, whatever its case, is among the first guesses. Source: OWASP ASVS 5, 6.2.4."""
    return password.casefold() in _guesses()


@cache
def _guesses() -> frozenset[str]:
    runs = {(row * 3)[start : start + length] for row in _ROWS for start in (0, 1) for length in range(LEAST, 21)}
    joined = {word + tail for word, tail in product(_WORDS, _TAILS)} | {
        tail + word for word, tail in product(_WORDS, _TAILS)
    }
    blocks = {block * times for block, times in product(_BLOCKS, (1, 2, 3, 4))}
    return frozenset(guess for guess in {*runs, *joined, *blocks, *_OTHERS} if len(guess) >= LEAST)
