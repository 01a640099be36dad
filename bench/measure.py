"""What a contender did in each round, and how its median stands beside a limit's."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field

UNSTEADY = 2.0


@dataclass(slots=True)
class Contender:
    """One measured thing: its rate and its CPU in each round."""

    name: str
    per_second: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)
    database_ms: list[float] = field(default_factory=list)
    faults: int = 0

    @property
    def rate(self) -> float:
        """The median of its rounds, per second."""
        return statistics.median(self.per_second) if self.per_second else 0.0

    @property
    def spread(self) -> float:
        """Its best round over its worst."""
        worst = min(self.per_second, default=0.0)
        return max(self.per_second) / worst if worst else float("inf")

    @property
    def cpu(self) -> float:
        """The median of the web server's CPU milliseconds for each answer."""
        return statistics.median(self.cpu_ms) if self.cpu_ms else 0.0

    @property
    def database_cpu(self) -> float:
        """The median of the database server's CPU milliseconds for each answer."""
        return statistics.median(self.database_ms) if self.database_ms else 0.0

    def as_json(self) -> dict[str, object]:
        """All of it, for the file of results."""
        return {
            "name": self.name,
            "per_second": self.per_second,
            "cpu_ms": self.cpu_ms,
            "database_cpu_ms": self.database_ms,
            "faults": self.faults,
            "median_per_second": self.rate,
            "median_cpu_ms": self.cpu,
        }


@dataclass(frozen=True, slots=True)
class Goal:
    """A ratio of two medians, and what it should be: at least (rates) or at most (CPU) `wanted`."""

    code: str
    words: str
    ours: Contender
    limit: Contender
    wanted: float
    of_cpu: bool = False

    @property
    def ratio(self) -> float:
        """Ours over the limit's."""
        below = self.limit.cpu if self.of_cpu else self.limit.rate
        return (self.ours.cpu if self.of_cpu else self.ours.rate) / below if below else 0.0

    @property
    def verdict(self) -> str:
        """Whether the goal holds; none where the limit itself swings too much, or ours did not do its work."""
        if self.ours.faults or self.limit.faults:
            return "有错误答复，不算 · faults"
        if self.limit.spread > UNSTEADY:
            return "参照不稳，不下结论 · unsteady"
        holds = self.ratio <= self.wanted if self.of_cpu else self.ratio >= self.wanted
        return "达到 · holds" if holds else "未达到 · short"


def show(contenders: Sequence[Contender], goals: Sequence[Goal]) -> None:
    """Print the medians and the ratios."""
    print(f"\n{'':<26}{'每秒 /s':>9}{'最低–最高':>15}{'max/min':>9}{'CPU ms':>8}{'PG ms':>7}{'错误 faults':>9}")
    for one in contenders:
        lows, highs = min(one.per_second, default=0), max(one.per_second, default=0)
        print(
            f"{one.name:<28}{one.rate:>9.0f}{f'{lows:.0f}–{highs:.0f}':>17}{one.spread:>9.2f}"
            f"{one.cpu:>8.2f}{one.database_cpu:>7.2f}{one.faults:>9}"
        )
    print(f"\n{'目标 goal':<6}{'':<50}{'比 ratio':>9}{'要 wanted':>11}  ")
    for goal in goals:
        sign = "≤" if goal.of_cpu else "≥"
        print(f"{goal.code:<8}{goal.words:<50}{goal.ratio:>9.2f}{f'{sign} {goal.wanted:g}':>11}  {goal.verdict}")
