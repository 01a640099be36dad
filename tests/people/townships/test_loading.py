"""The divisions in the database: loaded once, keyed by code, retired codes kept."""

import pytest
from sqlalchemy import func, select

from app.kernel.db import Database, session, transaction
from app.kernel.errors import NotFound
from app.people.townships import queries, service
from app.people.townships.models import Township, Village


def test_there_are_fifteen_present_townships_in_code_order(people: Database) -> None:
    codes = [place.code for place in queries.present()]

    assert len(codes) == 15
    assert codes == sorted(codes)
    assert {"141125108", "141125109"} <= set(codes)


def test_loading_again_changes_nothing(people: Database) -> None:
    with transaction():
        assert service.load("test") == 0

    assert session().scalars(select(func.count()).select_from(Township)).one() == 17


def test_loading_mends_a_changed_row_and_only_that(people: Database) -> None:
    with transaction():
        queries.township("141125105").name = "下三交"

    with transaction():
        assert service.load("test") == 1

    assert queries.name_of("141125105") == "三交镇"


def test_a_retired_code_keeps_its_row_and_names_its_successor(people: Database) -> None:
    old = queries.township("141125202")

    assert (old.name, old.successor_code, old.is_present) == ("陈家湾乡", "141125108", False)


def test_a_code_stands_for_its_predecessors_too(people: Database) -> None:
    assert queries.lineage("141125108") == {"141125108", "141125202"}
    assert queries.lineage("141125202") == {"141125202"}
    assert queries.present_codes()["141125202"] == "141125108"


def test_the_namesake_in_the_next_county_is_not_ours(people: Database) -> None:
    with pytest.raises(NotFound):
        queries.township("141124105")


def test_villages_are_listed_by_their_township(people: Database) -> None:
    assert len(queries.villages_of("141125107")) == 33
    assert queries.villages_of("141125200") == []
    one = session().scalars(select(Village).where(Village.township_code == "141125107").limit(1)).one()
    assert queries.village(one.id, in_township="141125107") is one
    with pytest.raises(NotFound):
        queries.village(one.id, in_township="141125105")
