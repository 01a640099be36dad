"""How money, weight, land and time are written on pages."""

from __future__ import annotations

from datetime import date, datetime
from enum import Enum

from flask import Flask, g

from app.kernel.area import PER_MU, Area
from app.kernel.clock import SHANGHAI
from app.kernel.money import Money
from app.kernel.weight import GRAMS_PER_JIN, GRAMS_PER_KG, Weight, decimal_text
from app.web.words import parted, said
from app.web.words import said as _

FEN_PER_WAN = 1_000_000


def init(app: Flask) -> None:
    """Templates know these filters."""
    numbers = (money, yuan, wan, weight, jin, kg, per_weight, area, day, moment, count)
    for one in (*numbers, state_label, words, said, parted):
        app.jinja_env.filters[one.__name__] = one


def _grouped(text: str) -> str:
    whole, _point, fraction = text.partition(".")
    return f"{int(whole):,}" + (f".{fraction}" if fraction else "")


def counted(number: str, unit: str) -> str:
    """A number with its unit in the reader's words: 5斤, and 5 jin with a space in English."""
    return f"{number}{' ' if g.get('language') == 'en' else ''}{_(unit)}"


def money(value: Money) -> str:
    """¥12.80, with thousands set apart."""
    sign = "-" if value.fen < 0 else ""
    return f"{sign}¥{_grouped(str(Money(abs(value.fen))))}"


def yuan(value: Money) -> str:
    """12.80元."""
    sign = "-" if value.fen < 0 else ""
    return counted(f"{sign}{_grouped(str(Money(abs(value.fen))))}", "元")


def wan(value: Money) -> str:
    """692.95万元 from ten thousand yuan on, below that plain yuan; the exact fen stand beside it as data.

    English has no word for ten thousand yuan and reads whole yuan instead.
    """
    if abs(value.fen) < FEN_PER_WAN:
        return yuan(value)
    if g.get("language") == "en":
        return counted(f"{(value.fen + 50) // 100:,}", "元")
    hundredths = (abs(value.fen) + FEN_PER_WAN // 200) // (FEN_PER_WAN // 100)
    sign = "-" if value.fen < 0 else ""
    return counted(f"{sign}{hundredths // 100:,}.{hundredths % 100:02d}", "万元")


def jin(value: Weight) -> str:
    """5斤."""
    return counted(_grouped_decimal(value.grams, GRAMS_PER_JIN), "斤")


def kg(value: Weight) -> str:
    """2.5公斤."""
    return counted(_grouped_decimal(value.grams, GRAMS_PER_KG), "公斤")


def _grouped_decimal(amount: int, per_unit: int) -> str:
    text = decimal_text(abs(amount), per_unit)
    return ("-" if amount < 0 else "") + _grouped(text)


def weight(value: Weight) -> str:
    """In the unit that the reader chose."""
    return kg(value) if g.get("unit") == "kg" else jin(value)


def per_weight(per_jin: Money) -> str:
    """A price per jin, in the unit that the reader chose: ¥7.90/斤."""
    if g.get("unit") == "kg":
        return f"{money(per_jin * 2)}/{_('公斤')}"
    return f"{money(per_jin)}/{_('斤')}"


def area(value: Area) -> str:
    """3.5亩."""
    return counted(decimal_text(value.mu4, PER_MU), "亩")


def day(value: date) -> str:
    """2026年1月6日."""
    if g.get("language") == "en":
        return value.isoformat()
    return f"{value.year}年{value.month}月{value.day}日"


def moment(value: datetime) -> str:
    """2026年1月6日 15:04, Shanghai time."""
    local = value.astimezone(SHANGHAI)
    return f"{day(local.date())} {local:%H:%M}"


def count(value: int) -> str:
    """A whole number with thousands set apart."""
    return f"{value:,}"


def words(value: Enum) -> str:
    """The words of an enum member that has some, in the reader's language."""
    return str(_(getattr(value, "words", value.value)))


def state_label(value: Enum) -> str:
    """The words of a state."""
    return words(value)
