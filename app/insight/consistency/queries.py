"""What the newest run says of each check."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, select

from app.insight.consistency import registry
from app.insight.consistency.models import CheckResult, CheckRun
from app.insight.consistency.states import Verdict
from app.kernel import clock
from app.kernel.checks import Check, Finding
from app.kernel.db import session

NIGHTLY_AT = timedelta(hours=3)
_ORDER = list(Verdict)


@dataclass(frozen=True, slots=True)
class Standing:
    """One check and what the newest run says of it; never looked at: no moment, nothing found."""

    check: Check
    verdict: Verdict
    at: datetime | None
    found: int
    findings: list[Finding]


@dataclass(frozen=True, slots=True)
class Overview:
    """The newest run that ended, whether another is asked for or under way, and the checks, broken ones first."""

    run: CheckRun | None
    is_running: bool
    standings: list[Standing]

    def count(self, verdict: Verdict) -> int:
        """How many checks stand so."""
        return sum(one.verdict is verdict for one in self.standings)

    @property
    def broken(self) -> int:
        """How many checks do not hold."""
        return self.count(Verdict.BROKEN)

    @property
    def unknown(self) -> int:
        """How many checks the newest run did not look at."""
        return self.count(Verdict.UNKNOWN)


def newest() -> CheckRun | None:
    """The newest run that ended."""
    ended = select(CheckRun).where(CheckRun.ended_at.is_not(None))
    return session().scalars(ended.order_by(CheckRun.id.desc()).limit(1)).first()


def unfinished() -> Select[CheckRun]:
    """The run that is asked for or under way, if there is one."""
    return select(CheckRun).where(CheckRun.ended_at.is_(None)).order_by(CheckRun.id).limit(1)


def overview() -> Overview:
    """Every check as the newest run left it: broken ones first, then those it did not look at."""
    run = newest()
    results = _results(run)
    standings = [_standing(check, run, results.get(check.code)) for check in registry.all_checks()]
    standings.sort(key=lambda one: _ORDER.index(one.verdict))
    return Overview(run, session().scalars(unfinished()).first() is not None, standings)


def standing(code: str) -> Standing:
    """One check with the rows that the newest run found. Raises `NotFound`."""
    check = registry.get(code)
    run = newest()
    result = None if run is None else session().get(CheckResult, (run.id, code))
    return _standing(check, run, result)


def _results(run: CheckRun | None) -> dict[str, CheckResult]:
    if run is None:
        return {}
    rows = session().scalars(select(CheckResult).where(CheckResult.run_id == run.id))
    return {row.code: row for row in rows}


def _standing(check: Check, run: CheckRun | None, result: CheckResult | None) -> Standing:
    if run is None or result is None:
        return Standing(check, Verdict.UNKNOWN, None, 0, [])
    verdict = Verdict.BROKEN if result.found else Verdict.HOLDS
    return Standing(check, verdict, run.ended_at, result.found, result.findings)


def is_night_due(*, by: str) -> bool:
    """Whether `by` has not asked for a run since three o'clock of the night that was last."""
    moment = clock.now()
    three = clock.start_of(clock.day_of(moment)) + NIGHTLY_AT
    night = three if three <= moment else three - timedelta(days=1)
    ran = select(CheckRun.id).where(CheckRun.asked_by == by, CheckRun.asked_at >= night).limit(1)
    return session().scalars(ran).first() is None
