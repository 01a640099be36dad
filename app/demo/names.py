"""Names for the invented people of the demo county; whoever bears one of them is not meant."""

from __future__ import annotations

from random import Random
from typing import Final

_SURNAMES: Final = "王李张刘陈杨赵高薛冯任贺康郭白曹韩穆宋郝冀车武梁贾成于孙马田"
_FIRST: Final = "建秀玉文春德海爱金桂志永福俊丽改保晓国润"
_SECOND: Final = "平英明兰梅生林旺花荣祥莲军奎云连娥贵珍芳"
_PHONE_FROM: Final = 19_900_000_000


def person(chance: Random) -> str:
    """A name of three characters."""
    return chance.choice(_SURNAMES) + chance.choice(_FIRST) + chance.choice(_SECOND)


def phone(number: int) -> str:
    """The number of the county's n-th person: 19900000001 and so on, a row that nobody would take for real."""
    return str(_PHONE_FROM + number)
