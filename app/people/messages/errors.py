"""How messages say no."""

from __future__ import annotations

from app.kernel.errors import BadValue, Conflict, DomainError


class BadAddress(BadValue):
    """Nothing that a mail could go to."""

    code = "bad_mail_address"
    sentence = "请填写一个邮箱，例如 wang@example.com。"


class NoMailHere(Conflict):
    """The county sends no mail, so no address can be confirmed."""

    code = "no_mail_here"
    sentence = "县里还没有接邮件服务，现在不能登记邮箱。"


class BadMailCode(BadValue):
    """The code is wrong, too old or used before."""

    code = "bad_mail_code"
    sentence = "确认码不对，或者过了 15 分钟。请照邮件里最新的一个填。"


class TooManyMailCodes(DomainError):
    """Too many codes were asked for, by this person or for this address; the window moves on by itself."""

    code = "too_many_mail_codes"
    status = 429
    sentence = "要确认码的次数太多了，请过 1 小时再试，最多一天 6 次。"
    retry_after = 3600


class TooManyMailGuesses(DomainError):
    """Too many guesses at a code; the window moves on by itself."""

    code = "too_many_mail_guesses"
    status = 429
    sentence = "确认码填错的次数太多了，请过 15 分钟再试。"
    retry_after = 900
