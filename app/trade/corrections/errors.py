"""Why a correction is not taken up."""

from __future__ import annotations

from app.kernel.errors import BadValue


class BadCorrection(BadValue):
    """The amount is nothing."""

    code = "bad_correction"
    sentence = "更正的金额不能是零。"


class UnknownSeller(BadValue):
    """No such seller."""

    code = "unknown_seller"
    sentence = "没有这个卖家，请照卖家页面网址里的短码填写。"
