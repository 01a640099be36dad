"""What must be true after every test, whatever it asserted."""

import pytest

from app.cli import run_checks
from app.kernel.db import Database


def hold_in(database: Database) -> None:
    """Every check of `flask check` holds, or the test fails and names the rows."""
    with database.unit_of_work():
        findings = run_checks()
    broken = [f"{code}: {one.row}: {one.words}" for code, found in findings.items() for one in found]
    if broken:
        pytest.fail("invariants broken after the test:\n" + "\n".join(broken), pytrace=False)
