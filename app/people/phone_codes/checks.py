"""Proving that each code opened one sign-in, of the number that it was for, while it lived."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import select

from app.kernel import clock
from app.kernel.checks import Check, Finding
from app.kernel.db import session
from app.people.accounts.models import Person, SignIn
from app.people.accounts.states import SignInWay
from app.people.phone_codes import codes
from app.people.phone_codes.models import PhoneCode

LOOKED_BACK = timedelta(hours=12)
"""Codes are forgotten after a day, sign-ins are not."""


def _codes_opened_their_own_sign_ins() -> Iterator[Finding]:
    used = (
        select(PhoneCode, SignIn, Person.phone_index)
        .join(SignIn, SignIn.id == PhoneCode.sign_in_id)
        .join(Person, Person.id == SignIn.person_id)
    )
    for row, opened, phone_index in session().execute(used.execution_options(yield_per=1000)):
        if opened.way is not SignInWay.CODE or phone_index != row.phone_index:
            yield Finding(f"phone code {row.id}", f"opened sign-in {opened.id}, which is not of its number by code")
        if not row.asked_at <= opened.created_at <= row.asked_at + codes.LIVE_FOR:
            yield Finding(f"phone code {row.id}", "opened a sign-in outside its five minutes")
    without = (
        select(SignIn.id)
        .outerjoin(PhoneCode, PhoneCode.sign_in_id == SignIn.id)
        .where(SignIn.way == SignInWay.CODE, SignIn.created_at > clock.now() - LOOKED_BACK, PhoneCode.id.is_(None))
        .order_by(SignIn.id)
    )
    for number in session().scalars(without):
        yield Finding(f"sign-in {number}", "was opened by a code that is used by another, or by none")


CHECKS = (Check("P4", "每个用过的登录验证码只开了一次登录，号码对得上，没有过时", _codes_opened_their_own_sign_ins),)
