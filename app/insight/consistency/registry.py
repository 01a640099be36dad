"""Which checks there are. They come from every slice, so the assembly hands them in."""

from __future__ import annotations

from collections.abc import Iterable

from app.kernel.checks import Check
from app.kernel.errors import NotFound

_checks: dict[str, Check] = {}


def use(checks: Iterable[Check]) -> None:
    """From here on these are the checks of this process, in this order."""
    _checks.clear()
    _checks.update((one.code, one) for one in checks)


def get(code: str) -> Check:
    """The check with this code. Raises `NotFound`."""
    if code not in _checks:
        raise NotFound()
    return _checks[code]


def all_checks() -> list[Check]:
    """Every check, in the order in which they were handed in."""
    return list(_checks.values())
