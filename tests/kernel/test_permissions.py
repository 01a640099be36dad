"""What a viewer's grants say of him."""

from __future__ import annotations

from app.kernel.permissions import AGENT, Grant, Viewer


def _viewer(*grants: Grant) -> Viewer:
    return Viewer.of(person_id=7, name="高二牛", grants=grants, policy={})


def test_one_who_acts_only_as_an_agent_is_named_together_with_the_seller() -> None:
    assert _viewer(Grant(AGENT, "seller:12")).acting_for(12) == "person:7 for seller:12"


def test_one_of_the_sellers_own_people_is_named_alone_even_if_he_is_its_agent_too() -> None:
    assert _viewer(Grant("seller", "seller:12"), Grant(AGENT, "seller:12")).acting_for(12) == "person:7"


def test_who_has_no_part_in_a_seller_is_named_alone() -> None:
    assert _viewer(Grant(AGENT, "seller:12")).acting_for(13) == "person:7"


def test_an_agents_sellers_are_his_but_not_his_own() -> None:
    viewer = _viewer(Grant("seller", "seller:5"), Grant(AGENT, "seller:12"))

    assert viewer.seller_ids == {5, 12}
    assert viewer.own_seller_ids == {5}
    assert viewer.agent_for == {12}
