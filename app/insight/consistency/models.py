"""Runs of the checks: who asked and when, and what each check found."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.checks import Finding
from app.kernel.db import Base


class CheckRun(Base):
    """One run of all checks: asked for, then under way, then ended."""

    __tablename__ = "check_runs"
    __table_args__ = (CheckConstraint("ended_at IS NULL OR started_at IS NOT NULL", name="started"),)

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    asked_at: Mapped[datetime]
    asked_by: Mapped[str]
    started_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)


class CheckResult(Base):
    """How many rows broke one check in one run, and the first of them as JSON."""

    __tablename__ = "check_results"
    __table_args__ = (CheckConstraint("found >= 0", name="found"),)

    run_id: Mapped[int] = mapped_column(ForeignKey("check_runs.id"), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    found: Mapped[int]
    kept: Mapped[str]

    @property
    def findings(self) -> list[Finding]:
        """The rows that were kept, in the order in which they were found."""
        return [Finding(row, words) for row, words in json.loads(self.kept)]
