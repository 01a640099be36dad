"""How the register of sellers says no."""

from __future__ import annotations

from app.kernel.errors import BadValue, Conflict, Forbidden


class BadResidentId(BadValue):
    """Not an ID number by GB 11643."""

    code = "bad_resident_id"
    sentence = "身份证号不对，请照证件填写 18 位（最后一位可能是 X）。"


class TooYoung(BadValue):
    """Data of children under fourteen need their guardian's consent, which this form cannot take."""

    code = "too_young"
    sentence = "未满 14 周岁，请由家里的大人来登记。"


class ResidentIdTaken(Conflict):
    """The ID number is kept for somebody else."""

    code = "resident_id_taken"
    sentence = "这个身份证号没有存下来。请核对号码；若号码没错，请到乡镇核实身份。"


class BadSellerName(BadValue):
    """Nothing that could be the name of a household or a firm."""

    code = "bad_seller_name"
    sentence = "请填写名称，2 到 40 个字。"


class BadTownship(BadValue):
    """Not one of the county's townships, or the village is not in it."""

    code = "bad_township"
    sentence = "请从名单里选乡镇；村要在这个乡镇里。"


class LicenceMissing(BadValue):
    """Processing needs a production permit or a small-workshop registration. Source: 食品安全法 art. 35-36."""

    code = "licence_missing"
    sentence = "加工企业请填写食品生产许可证号或小作坊登记号。"


class LicenceKept(BadValue):
    """A licence that was verified may be replaced, but not struck out: goods that need it may be on sale."""

    code = "licence_kept"
    sentence = "许可证号只能换成新的，不能删掉。证没有了，请到乡镇说明。"


class NothingChanged(BadValue):
    """Everything is as it was."""

    code = "nothing_changed"
    sentence = "和现在的一样，没有要改的。"


class NotVerifiedYet(Conflict):
    """Only a verified seller has something to change."""

    code = "not_verified_yet"
    sentence = "乡镇核实过、还在卖的店才能改资料。"


class HouseholdMissing(BadValue):
    """A household has a head and a number of members."""

    code = "household_missing"
    sentence = "农户请填写户主姓名和家里的人数（1 到 30）。"


class WordsTooLong(BadValue):
    """More words than fit."""

    code = "words_too_long"
    sentence = "介绍最多 300 个字。"


class AlreadyApplied(Conflict):
    """The person has an application that waits, or a household that is registered."""

    code = "already_applied"
    sentence = "您已经提交过申请或登记过，不用再交。进度在“我卖的枣”里看。"


class OwnMatter(Forbidden):
    """Nobody decides about a seller for whom he acts himself."""

    code = "own_matter"
    sentence = "这家卖家有您自己，请由另一位干部来办。"
