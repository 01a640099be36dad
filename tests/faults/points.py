"""Places where a process dies: just before a named function begins, or just after it is done."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Point:
    """Before or after a function, named as its callers find it: in a module or in a class."""

    owner: Any
    act: str
    is_after: bool

    def __str__(self) -> str:
        return f"{'after' if self.is_after else 'before'} {self.owner.__name__.rpartition('.')[2]}.{self.act}"

    def arm(self) -> None:
        """This process dies when it comes there. For a child of its own: nothing takes it back."""
        act = getattr(self.owner, self.act)

        def dying(*given: Any, **named: Any) -> Any:
            if not self.is_after:
                die()
            done = act(*given, **named)
            die()
            return done

        setattr(self.owner, self.act, dying)


def before(owner: Any, act: str) -> Point:
    return Point(owner, act, is_after=False)


def after(owner: Any, act: str) -> Point:
    return Point(owner, act, is_after=True)


def die() -> None:
    """As by a power cut: nothing is closed, rolled back or said."""
    os.kill(os.getpid(), signal.SIGKILL)
