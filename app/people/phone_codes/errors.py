"""How signing in by code says no."""

from __future__ import annotations

from app.kernel.errors import BadValue, DomainError


class BadPhoneCode(BadValue):
    """The code is wrong, too old, overtaken or used, or nobody may enter with that number; which, is not said."""

    code = "bad_phone_code"
    sentence = "验证码不对，或者过了 5 分钟。请照最新的一条短信填。"


class TooSoon(DomainError):
    """A code was asked for a moment ago."""

    code = "phone_code_too_soon"
    status = 429
    sentence = "刚刚要过一次，请过 60 秒再要。短信有时会晚到一会儿。"
    retry_after = 60


class TooManyPhoneCodes(DomainError):
    """Too many codes were asked for, for this number or from this address; the window moves on by itself."""

    code = "too_many_phone_codes"
    status = 429
    sentence = "要验证码的次数太多了，请过 1 小时再试，或者用密码登录。"
    retry_after = 3600


class TooManyPhoneGuesses(DomainError):
    """Too many guesses at a code; the window moves on by itself."""

    code = "too_many_phone_guesses"
    status = 429
    sentence = "验证码填错的次数太多了，请过 5 分钟再要一个新的，或者用密码登录。"
    retry_after = 300
