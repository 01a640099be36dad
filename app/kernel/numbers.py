"""Strict reading of numbers that people type: one meaning or a refusal, never a guess."""

from __future__ import annotations

import re

from app.kernel.errors import BadValue

_WIDE = str.maketrans("０１２３４５６７８９．", "0123456789.")
_PLAIN = re.compile(r"([0-9]{1,15})(?:\.([0-9]{1,6}))?", re.ASCII)


class BadNumber(BadValue):
    """The text is not a plain positive number within its limits."""

    code = "bad_number"
    sentence = "请填写数字，例如 12 或 12.5。"


class NotWhole(BadValue):
    """The number must be whole and within the limits of its field."""

    code = "not_whole"
    sentence = "请填写 {least} 到 {most} 的整数。"


class TooManyDecimals(BadValue):
    """More decimals than the unit has."""

    code = "too_many_decimals"
    sentence = "小数位数太多，最多 {decimals} 位。"


class NumberTooLarge(BadValue):
    """Beyond what this field can mean."""

    code = "number_too_large"
    sentence = "数字太大，请检查是否多写了位数。"


def fixed_point(text: str, *, decimals: int, most: int) -> int:
    """The number times 10^decimals as an integer, 0 … `most`.

    Accepts plain and full-width digits with one decimal point and blanks around. Signs, exponents, group commas,
    underscores and other scripts' digits are refused, because each of them has been read in two ways somewhere.
    Raises `BadNumber`, `TooManyDecimals`, `NumberTooLarge`.
    """
    match = _PLAIN.fullmatch(text.strip(" \t\u3000").translate(_WIDE))
    if match is None:
        raise BadNumber()
    whole, fraction = match.group(1), (match.group(2) or "").rstrip("0")
    if len(fraction) > decimals:
        raise TooManyDecimals(decimals=decimals)
    value: int = int(whole) * 10**decimals + int(fraction.ljust(decimals, "0") or "0")
    if value > most:
        raise NumberTooLarge()
    return value


def whole_number(text: str, *, least: int, most: int) -> int:
    """A plain whole number between the two limits. Raises `NotWhole`."""
    try:
        value = fixed_point(text, decimals=0, most=most)
    except BadValue as error:
        raise NotWhole(least=least, most=most) from error
    if value < least:
        raise NotWhole(least=least, most=most)
    return value
