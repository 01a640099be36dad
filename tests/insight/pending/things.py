"""Things that wait for somebody's decision."""

from app.kernel.db import transaction
from app.kernel.permissions import Viewer
from app.people.growers import changes
from app.people.growers import service as growers
from app.people.growers.changes import Wanted
from app.people.growers.models import Seller
from app.people.growers.service import Application
from app.people.growers.states import SellerKind
from app.people.purse import service as purse
from app.people.purse.service import Given
from app.people.purse.states import Bank
from tests.cast import MENGMEN, shop_of
from tests.people.purse.purses import NUMBER

HOUSE = Application(kind=SellerKind.HOUSEHOLD, name="新来的枣园", township_code=MENGMEN, head_name="新枣农", members=3)


def apply(who: Viewer, application: Application = HOUSE) -> Seller:
    with transaction():
        return growers.apply(application, person_id=who.person_id, by=who.actor)


def propose(grower: Viewer) -> None:
    with transaction():
        changes.propose(shop_of(grower).id, Wanted("枣林深处", None, ""), by=grower)


def give_account(grower: Viewer) -> None:
    given = Given(shop_of(grower).id, grower.name, Bank.RURAL, NUMBER)
    with transaction():
        purse.give(given, consent_version="1", by=grower)
