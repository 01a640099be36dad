"""The floors hold: a planted import that climbs, crosses or enters by a door breaks `make check`."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The house as it stands, to plant something in."""
    shutil.copytree(ROOT / "app", tmp_path / "app", ignore=shutil.ignore_patterns("__pycache__", "translations"))
    for name in ("pyproject.toml", "config.py"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def _lint(house: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    return subprocess.run(command, cwd=house, capture_output=True, text=True, check=False)


def test_the_house_as_it_stands_keeps_its_floors(copy: Path) -> None:
    verdict = _lint(copy)

    assert verdict.returncode == 0, verdict.stdout


@pytest.mark.parametrize(
    ("room", "planted", "broken"),
    [
        ("kernel/money.py", "from app.trade.orders import models", "Floors"),
        ("kernel/clock.py", "import flask", "The kernel knows no web framework"),
        ("ledger/books/queries.py", "from app.people.growers import models", "Floors"),
        ("ledger/books/queries.py", "from app.ledger.figures import registry", "Figures stand on the books"),
        ("trade/catalog/service.py", "from app.trade.orders import queries", "Slices of the trade"),
        ("trade/orders/service.py", "from app.trade.stock import views", "Doors"),
        ("trade/orders/service.py", "import obstore", "Only the gateways"),
    ],
)
def test_a_forbidden_import_is_named(copy: Path, room: str, planted: str, broken: str) -> None:
    path = copy / "app" / room
    path.write_text(f"{path.read_text()}\n{planted}\n")

    verdict = _lint(copy)

    assert verdict.returncode != 0
    assert broken in verdict.stdout
    assert "BROKEN" in verdict.stdout


def test_only_one_place_locks_rows() -> None:
    """`with_for_update` without a fresh read keeps old values and oversells: so it stands in the one helper alone."""
    elsewhere = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "app").rglob("*.py")
        if "with_for_update(" in path.read_text() and path.name not in ("db.py", "events.py")
    ]

    assert elsewhere == []


def test_only_the_kernel_commits() -> None:
    elsewhere = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "app").rglob("*.py")
        if ".commit()" in path.read_text() and path != ROOT / "app" / "kernel" / "db.py"
    ]

    assert elsewhere == []


def test_only_the_clock_asks_what_time_it_is() -> None:
    asked = ("datetime.now(", "date.today(", "datetime.utcnow(")
    elsewhere = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "app").rglob("*.py")
        if any(words in path.read_text() for words in asked) and path.name != "clock.py"
    ]

    assert elsewhere == []
