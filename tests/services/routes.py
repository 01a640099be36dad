"""Routes whose addresses are compiled when one is first built: a test builds few of them, and makes the app anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.routing import Rule

_compile = Rule._compile_builder


def _when_first_built(rule: Rule, append_unknown: bool = True) -> Callable[..., Any]:
    compiled: list[Callable[..., Any]] = []

    def build(*args: Any, **values: Any) -> Any:
        if not compiled:
            compiled.append(_compile(rule, append_unknown))
        return compiled[0](*args, **values)

    return build


def compile_late() -> None:
    """From here on werkzeug compiles a route's address when it is first asked for, in this process."""
    Rule._compile_builder = _when_first_built  # type: ignore[assignment, method-assign]
