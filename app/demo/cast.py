"""The invented people of the demo county: officials, buyers, sellers and their households."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from app.demo import names
from app.demo.plan import Size
from app.kernel.permissions import COUNTY, Grant, Viewer
from app.people.accounts import queries as accounts_queries
from app.people.accounts import service as accounts
from app.people.accounts.models import Person
from app.people.accounts.states import Role
from app.people.growers.service import Application
from app.people.growers.states import SellerKind
from app.people.townships import queries as townships
from app.people.townships.models import Township
from app.policy import POLICY

BY: Final = "demo"
MENGMEN: Final = "141125107"
CONSENT: Final = "demo"
_OFFICIALS_FROM, _BUYERS_FROM, _SELLERS_FROM, _MORE_SELLERS_FROM = 100, 1_000, 2_000, 9_000
_NUMERALS: Final = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")


@dataclass(frozen=True, slots=True)
class Part:
    """Somebody whom a visitor can play: the words for the role, the number to sign in with, and what to look at."""

    key: str
    words: str
    phone: str
    name: str
    look: str


PARTS: Final = (
    Part("buyer", "买家", names.phone(1), "田小满", "选枣、下单、看自己的订单"),
    Part("grower", "枣农", names.phone(2), "王枣林", "上架、装箱发货、看收入"),
    Part("coop", "合作社", names.phone(3), "贺玉莲", "几种包装一起卖，看订单"),
    Part("agent", "村代办员", names.phone(9), "高二牛", "替孟门两户枣农卖枣，打小票"),
    Part("township", "孟门镇干部", names.phone(4), "赵改平", "核实新来的卖家，看全镇的账"),
    Part("county", "县干部", names.phone(5), "郭海明", "确认到账、退款、算货款，看全县的账"),
    Part("second", "县干部（复核）", names.phone(8), "冯秀英", "复核结算，导出银行文件"),
    Part("auditor", "督查·审计", names.phone(6), "孙晓云", "什么都能看，什么都不能改"),
    Part("admin", "系统管理员", names.phone(7), "马国英", "管人员和角色，看不到证件号"),
)


@dataclass(frozen=True, slots=True)
class Buyer:
    """Somebody who orders, and where to."""

    viewer: Viewer
    phone: str
    province: str
    address: str
    eagerness: int


@dataclass(frozen=True, slots=True)
class Applicant:
    """Somebody who will ask to sell."""

    person: Person
    application: Application
    village: str
    by_river: bool
    town: str
    is_played: bool


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody, in the order in which they were thought up."""

    officials: Mapping[str, Viewer]
    county: Viewer
    second: Viewer
    buyers: Sequence[Buyer]
    applicants: Sequence[Applicant]
    late_applicants: Sequence[Applicant]


def viewer_of(person: Person, *grants: Grant) -> Viewer:
    """The person as one who asks, with these rights."""
    return Viewer.of(person_id=person.id, name=person.name, grants=(accounts_queries.EVERYBODY, *grants), policy=POLICY)


def gather(size: Size, secrets: Mapping[str, str], *, provinces: Sequence[tuple[str, str]], chance: Random) -> Cast:
    """Everybody is registered, officials hold their roles; `secrets` has a password for each of `PARTS`."""
    players = {part.key: _player(part, secrets[part.key]) for part in PARTS}
    places = townships.present()
    for role, key in (
        (Role.COUNTY, "county"),
        (Role.COUNTY, "second"),
        (Role.AUDITOR, "auditor"),
        (Role.ADMIN, "admin"),
    ):
        accounts.appoint(players[key].id, role, COUNTY, by=BY, because="示例县任命")
    return Cast(
        officials=_officials(places, players["township"], chance),
        county=viewer_of(players["county"], Grant(Role.COUNTY.value, COUNTY)),
        second=viewer_of(players["second"], Grant(Role.COUNTY.value, COUNTY)),
        buyers=_buyers(size.buyers, players["buyer"], provinces, chance),
        applicants=_applicants(size, places, players, chance),
        late_applicants=_late_applicants(places, chance),
    )


def _player(part: Part, password: str) -> Person:
    person = accounts.sign_up(part.phone, part.name, password, consent_version=CONSENT)
    if person is None:
        raise ValueError(f"{part.phone} is there already")
    return person


def _officials(places: Sequence[Township], of_mengmen: Person, chance: Random) -> dict[str, Viewer]:
    others = [place for place in places if place.code != MENGMEN]
    numbers = ((names.phone(_OFFICIALS_FROM + n), names.person(chance)) for n in range(len(others)))
    enlisted = dict(zip((place.code for place in others), accounts.enlist_many(numbers, by=BY), strict=True))
    found = {}
    for place in places:
        person = enlisted.get(place.code, of_mengmen)
        scope = f"township:{place.code}"
        accounts.appoint(person.id, Role.TOWNSHIP, scope, by=BY, because="示例县任命")
        found[place.code] = viewer_of(person, Grant(Role.TOWNSHIP.value, scope))
    return found


def _buyers(count: int, first: Person, provinces: Sequence[tuple[str, str]], chance: Random) -> list[Buyer]:
    phones = [PARTS[0].phone, *(names.phone(_BUYERS_FROM + n) for n in range(1, count))]
    people = [first, *accounts.enlist_many(((phone, names.person(chance)) for phone in phones[1:]), by=BY)]
    found = []
    for person, phone in zip(people, phones, strict=True):
        code, name = chance.choice(provinces)
        address = f"{name}示例市示例区枣花路{chance.randint(1, 200)}号"
        eagerness = 12 if person is first else chance.choice((1, 1, 2, 3))
        found.append(Buyer(viewer_of(person), phone, code, address, eagerness))
    return found


def _applicants(
    size: Size, places: Sequence[Township], players: Mapping[str, Person], chance: Random
) -> list[Applicant]:
    kinds = [
        *[SellerKind.HOUSEHOLD] * size.households,
        *[SellerKind.COOP] * size.coops,
        *[SellerKind.PROCESSOR] * size.processors,
    ]
    # The two that a visitor can play come first of their kind, both in Mengmen.
    firsts = {0: players["grower"], size.households: players["coop"]}
    phones = [names.phone(_SELLERS_FROM + n) for n in range(len(kinds)) if n not in firsts]
    enlisted = iter(accounts.enlist_many([(phone, names.person(chance)) for phone in phones], by=BY))
    people = [firsts[n] if n in firsts else next(enlisted) for n in range(len(kinds))]
    where, mengmen = _spread(places), next(one for one in places if one.code == MENGMEN)
    found = []
    for n, (kind, person) in enumerate(zip(kinds, people, strict=True)):
        place = mengmen if n in firsts else next(where)
        number = n if kind is SellerKind.HOUSEHOLD else n - kinds.index(kind)
        found.append(_applicant(kind, person, place, number, is_played=n in firsts, chance=chance))
    return found


def _spread(places: Sequence[Township]) -> Iterator[Township]:
    """Every township once, then the riverside ones once more, and so on for ever."""
    while True:
        yield from places
        yield from (place for place in places if place.along_river)


def _applicant(
    kind: SellerKind, person: Person, place: Township, number: int, *, is_played: bool, chance: Random
) -> Applicant:
    # By id: the order of names is not the same in both databases.
    villages = sorted(townships.villages_of(place.code), key=lambda one: one.id)
    village = chance.choice(villages) if villages else None
    is_household = kind is SellerKind.HOUSEHOLD
    licence = None if is_household else f"示例许可 {place.code}-{number + 1:03d}"
    application = Application(
        kind=kind,
        name=_shop_name(kind, person, place, number),
        township_code=place.code,
        village_id=village.id if village else None,
        licence_no=licence if kind is SellerKind.PROCESSOR else None,
        head_name=person.name if is_household else "",
        members=chance.randint(2, 6) if is_household else None,
        words="虚构的卖家，只用来演示。（示例数据）",
    )
    called = village.name if village else f"{place.name}（示例村）"
    return Applicant(person, application, called, place.along_river, place.name, is_played)


def _shop_name(kind: SellerKind, person: Person, place: Township, number: int) -> str:
    if kind is SellerKind.HOUSEHOLD:
        return f"{person.name}家枣园"
    if kind is SellerKind.COOP:
        return f"{place.name}示例红枣第{_NUMERALS[number % len(_NUMERALS)]}合作社"
    return f"示例枣业第{_NUMERALS[number % len(_NUMERALS)]}加工厂"


def _late_applicants(places: Sequence[Township], chance: Random) -> list[Applicant]:
    """Households that ask when the season is over, so that an official finds something to decide."""
    mengmen = next(place for place in places if place.code == MENGMEN)
    where = [mengmen, mengmen, mengmen, places[0]]
    phones = [(names.phone(_MORE_SELLERS_FROM + n), names.person(chance)) for n in range(len(where))]
    people = accounts.enlist_many(phones, by=BY)
    return [
        _applicant(SellerKind.HOUSEHOLD, person, place, n, is_played=False, chance=chance)
        for n, (person, place) in enumerate(zip(people, where, strict=True))
    ]
