"""Actors, as ledger and audit name them, in words for pages: one person, or an agent together with his grower."""

from __future__ import annotations

import re
from collections.abc import Iterable

from flask_babel import gettext as _
from sqlalchemy import select

from app.kernel.db import session
from app.people.accounts.models import Person
from app.people.growers.models import Seller

_ACTOR = re.compile(r"person:(\d{1,18})(?: for seller:(\d{1,18}))?")


def parts_of(actor: str) -> tuple[int, int | None] | None:
    """The person, and the seller for whom he acted as an agent; None for what is no person, such as the worker."""
    found = _ACTOR.fullmatch(actor)
    if found is None:
        return None
    return int(found[1]), int(found[2]) if found[2] else None


def words_of(actors: Iterable[str]) -> dict[str, str]:
    """Actor → what a page shows: 高二牛, or 代办：高二牛（替 王家枣园）. Who is no person keeps his own name.

    Two statements, however many there are.
    """
    known = {one: parts for one in set(actors) if (parts := parts_of(one)) is not None}
    names = names_of({person for person, _seller in known.values()})
    shops = _shops({seller for _person, seller in known.values() if seller is not None})
    return {one: _words(one, known.get(one), names, shops) for one in set(actors)}


def _words(actor: str, parts: tuple[int, int | None] | None, names: dict[int, str], shops: dict[int, str]) -> str:
    if parts is None or parts[0] not in names:
        return actor
    person, seller = parts
    if seller is None:
        return names[person]
    return _("代办：%(agent)s（替 %(grower)s）", agent=names[person], grower=shops.get(seller, str(seller)))


def names_of(people: set[int]) -> dict[int, str]:
    """Person id → name."""
    rows = session().execute(select(Person.id, Person.name).where(Person.id.in_(people))).all() if people else []
    return {row.id: row.name for row in rows}


def _shops(sellers: set[int]) -> dict[int, str]:
    rows = session().execute(select(Seller.id, Seller.name).where(Seller.id.in_(sellers))).all() if sellers else []
    return {row.id: row.name for row in rows}
