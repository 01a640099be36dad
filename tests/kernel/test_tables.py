import sys
from pathlib import Path

import pytest

from app.kernel.tables import read_table


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "orchard" / "data").mkdir(parents=True)
    (tmp_path / "orchard" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "orchard", raising=False)
    return tmp_path / "orchard"


def test_a_table_is_read_as_text_in_file_order(package: Path) -> None:
    (package / "data" / "trees.csv").write_text('name,mu\n枣,3\n"梨,桃",\n', encoding="utf-8")

    assert read_table("orchard", "trees") == [{"name": "枣", "mu": "3"}, {"name": "梨,桃", "mu": ""}]


@pytest.mark.parametrize("row", ["枣", "枣,3,4"])
def test_a_row_that_does_not_fit_its_heading_is_refused(package: Path, row: str) -> None:
    (package / "data" / "trees.csv").write_text(f"name,mu\n{row}\n", encoding="utf-8")

    with pytest.raises(ValueError, match=r"row 2 of trees\.csv"):
        read_table("orchard", "trees")


def test_a_table_that_is_not_there_is_not_found(package: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_table("orchard", "trees")
