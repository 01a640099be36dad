"""Unified social credit codes: 18 signs, the last one a check. Source: GB 32100-2015."""

from __future__ import annotations

import unicodedata

from app.trade.invoices.errors import BadTaxNumber

_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_VALUES = {sign: value for value, sign in enumerate(_SIGNS)}
_WEIGHTS = [pow(3, place, 31) for place in range(17)]


def check_sign(first: str) -> str:
    """The eighteenth sign that belongs to seventeen others of the alphabet."""
    total = sum(_VALUES[sign] * weight for sign, weight in zip(first, _WEIGHTS, strict=True))
    return _SIGNS[-total % 31]


def parse(text: str) -> str:
    """The code in capitals, spaces and hyphens left out, full width read as half. Raises `BadTaxNumber`."""
    code = unicodedata.normalize("NFKC", text).upper().replace(" ", "").replace("-", "")
    if len(code) != 18 or any(sign not in _VALUES for sign in code) or check_sign(code[:17]) != code[17]:
        raise BadTaxNumber(field="tax_no")
    return code
