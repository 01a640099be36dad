"""Facts about codes."""

from __future__ import annotations

from dataclasses import dataclass

from app.kernel.events import Fact


@dataclass(frozen=True)
class CodeAsked(Fact):
    """Somebody asked for a code, for a number that may be nobody's."""

    code_id: int
