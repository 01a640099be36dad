"""Reading the divisions: what a code is called, which came before it, which villages it has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from app.kernel.db import session
from app.kernel.errors import NotFound
from app.people.townships.models import Township, Village


def township(code: str) -> Township:
    """The township with this code, present or retired. Raises `NotFound`."""
    found = session().get(Township, code)
    if found is None:
        raise NotFound()
    return found


def present() -> list[Township]:
    """The townships whose codes are in use now, in the order of their codes."""
    return list(session().scalars(select(Township).where(Township.successor_code.is_(None)).order_by(Township.code)))


def name_of(code: str) -> str:
    """The township's full name, such as 三交镇. Raises `NotFound`."""
    return township(code).name


def lineage(code: str) -> frozenset[str]:
    """The code and every code that it has taken the place of."""
    return lineages([code])


def lineages(codes: Iterable[str]) -> frozenset[str]:
    """The codes and every code that one of them has taken the place of."""
    successor = _successors()
    wanted = frozenset(codes)
    return wanted | {old for old in successor if wanted & frozenset(_line_from(old, successor))}


def present_codes() -> dict[str, str]:
    """Every code that ever was → the code under which it is counted now."""
    successor = _successors()
    every = session().scalars(select(Township.code))
    return {code: _line_from(code, successor)[-1] for code in every}


def villages_of(code: str) -> Sequence[Village]:
    """The known villages of the township and of its predecessors, by name; empty where no list was found."""
    statement = select(Village).where(Village.township_code.in_(lineage(code))).order_by(Village.name, Village.id)
    return session().scalars(statement).all()


def village(village_id: int, *, in_township: str) -> Village:
    """The village, if it lies in that township. Raises `NotFound`."""
    found = session().get(Village, village_id)
    if found is None or found.township_code not in lineage(in_township):
        raise NotFound()
    return found


def village_name(village_id: int | None) -> str:
    """The village's name; empty for none."""
    found = session().get(Village, village_id) if village_id is not None else None
    return found.name if found else ""


def _successors() -> dict[str, str]:
    statement = select(Township.code, Township.successor_code).where(Township.successor_code.is_not(None))
    return {old: new for old, new in session().execute(statement) if new is not None}


def _line_from(code: str, successor: dict[str, str]) -> list[str]:
    line = [code]
    while line[-1] in successor and successor[line[-1]] not in line:
        line.append(successor[line[-1]])
    return line
