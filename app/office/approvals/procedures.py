"""What must be decided by whom: each wing says it once for its own things, and `wiring.py` makes them known."""

from __future__ import annotations

from dataclasses import dataclass

from app.kernel.permissions import Permission


@dataclass(frozen=True, slots=True)
class Step:
    """One decision, open to whoever holds the permission where the thing is."""

    permission: Permission
    words: str


@dataclass(frozen=True, slots=True)
class Procedure:
    """A kind of thing that is asked, and the steps by which it is decided, each by another person.

    There is no way around a step: no role, the administrator's included, may take one without its permission.
    """

    kind: str
    words: str
    steps: tuple[Step, ...]


_known: dict[str, Procedure] = {}


def register(*procedures: Procedure) -> None:
    """Lists of what waits name these kinds from here on. Saying it twice changes nothing."""
    _known.update({one.kind: one for one in procedures})


def known() -> list[Procedure]:
    """All that were registered, by their kind."""
    return [_known[kind] for kind in sorted(_known)]


def of_kind(kind: str) -> Procedure:
    """The procedure of a kind; a kind that nobody registered is a mistake of ours."""
    return _known[kind]
