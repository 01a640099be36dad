"""Why a rate is not taken up."""

from __future__ import annotations

from app.kernel.errors import BadValue


class BadRate(BadValue):
    """The rate is outside what is allowed, or its day has passed."""

    code = "bad_rate"
    sentence = "费率从明天或以后的日子开始，最高 10%。"
