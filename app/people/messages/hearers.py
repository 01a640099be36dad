"""What the people of a seller are told of decisions and of its bank account; `wiring.py` binds these to the facts."""

from __future__ import annotations

from app.people.growers import queries as growers
from app.people.growers.events import (
    SellerChangeApproved,
    SellerChangeRefused,
    SellerClosed,
    SellerRefused,
    SellerResumed,
    SellerSuspended,
    SellerVerified,
)
from app.people.messages import service, short
from app.people.messages.short import AccountChanged, Decided
from app.people.purse import queries as purse
from app.people.purse.events import AccountGiven, AccountRefused, AccountVerified, AccountWithdrawn

_SENTENCES: dict[type[Decided], str] = {
    SellerVerified: "“{name}”核实通过了，现在就能上架卖枣。",
    SellerRefused: "“{name}”这次没有通过核实，改好了可以再申请。",
    SellerSuspended: "“{name}”暂停销售，已经下的单请照常发货。",
    SellerResumed: "“{name}”恢复销售了。",
    SellerClosed: "“{name}”已停业，已经下的单请照常发货。",
}


def seller_decided(fact: Decided) -> None:
    """Everybody who acts for the seller is told what was decided and why."""
    seller = growers.seller(fact.seller_id)
    why = growers.last_reasons([seller]).get(seller.id, "")
    words = _SENTENCES[type(fact)].format(name=seller.name)
    people = [one.id for one in growers.people_of(seller.id)]
    service.tell(people, f"{words}原因：{why}", link="/grower/")
    service.text(people, short.decided(fact, seller.name))


_CHANGE_SENTENCES: dict[type[SellerChangeApproved | SellerChangeRefused], str] = {
    SellerChangeApproved: "“{name}”要改的资料，乡镇同意了，买家现在看到的就是新的。原因：{why}",
    SellerChangeRefused: "“{name}”要改的资料，乡镇没有同意，还是原来的。原因：{why}",
}


def change_decided(fact: SellerChangeApproved | SellerChangeRefused) -> None:
    """Everybody who acts for the seller is told whether what they wanted changed is so now, and why."""
    seller = growers.seller(fact.seller_id)
    why = growers.change(fact.change_id).because
    words = _CHANGE_SENTENCES[type(fact)].format(name=seller.name, why=why)
    service.tell([one.id for one in growers.people_of(seller.id)], words, link=f"/grower/shops/{seller.id}")


_ACCOUNT_SENTENCES: dict[type[AccountChanged], str] = {
    AccountGiven: "“{name}”登记了新的收款账号（{account}），等乡镇核实。不是自家人办的，请马上找乡镇。",
    AccountVerified: "“{name}”的收款账号（{account}）核实好了（{why}），货款以后打这里。不是自家人办的，请马上找乡镇。",
    AccountRefused: "“{name}”的收款账号（{account}）没有通过核实，请改好再交。原因：{why}",
    AccountWithdrawn: "“{name}”的收款账号（{account}）停用了：登记的人收回了同意。要收货款，请再登记一个。",
}


def account_changed(fact: AccountChanged) -> None:
    """Everybody who acts for the seller is told what became of an account, so that a stranger's change is noticed."""
    account = purse.account(fact.account_id)
    seller = growers.seller(account.seller_id)
    words = _ACCOUNT_SENTENCES[type(fact)].format(
        name=seller.name, account=f"{account.bank_words} {account.masked}", why=account.because
    )
    people = [one.id for one in growers.people_of(seller.id)]
    service.tell(people, words, link="/grower/purse")
    service.text(people, short.account_changed(fact, seller.name))
