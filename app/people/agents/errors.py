"""How acting for growers says no."""

from __future__ import annotations

from app.kernel.errors import BadValue, Conflict, DomainError, Forbidden


class MandateOver(Forbidden):
    """The agent has no mandate of this seller any more."""

    code = "mandate_over"
    sentence = "这家枣农已经不再让您代办，这一步没有办成。请和他商量，或问乡镇。"


class NotAnAgent(Forbidden):
    """Only who was named by a township asks growers for a mandate."""

    code = "not_an_agent"
    sentence = "您不是乡镇指定的代办员，或者已经到期。请到乡镇问一声。"


class NobodyThere(BadValue):
    """No account with that number."""

    code = "nobody_there"
    sentence = "没有这个手机号的账号。请他先注册，再来指定。"


class OfficialActsForNobody(Conflict):
    """Who verifies, audits or administers acts for no grower, and nobody names himself."""

    code = "official_acts_for_nobody"
    sentence = "干部、审计和管理员不能当代办员，请指定别人。"


class AlreadyAgent(Conflict):
    """The person is an agent now."""

    code = "already_agent"
    sentence = "他现在就是代办员。要换村或延期，请先停了再指定。"


class BadPlace(BadValue):
    """Not a township of the official's, or the village is not in it."""

    code = "bad_place"
    sentence = "请从名单里选本乡镇和它的村。"


class BadUntil(BadValue):
    """An agent is named for a year at most, from tomorrow on."""

    code = "bad_until"
    sentence = "截止日期要在明天以后、一年以内。"


class NoSuchGrower(BadValue):
    """No verified seller of the agent's place with that number; which part fails is not said."""

    code = "no_such_grower"
    sentence = "没有对上：号码要是您村里核实过的枣农自己的。请和他核对一下。"


class AskedTooOften(DomainError):
    """Too many numbers tried on one day."""

    code = "asked_too_often"
    status = 429
    sentence = "今天试得太多了，请明天再来，或请乡镇帮忙。"
    retry_after = 3600


class OwnShop(Conflict):
    """Who is one of the seller's people needs no mandate."""

    code = "own_shop"
    sentence = "这是自家的店，不用委托就能办。"


class BadLength(BadValue):
    """Not one of the offered lengths."""

    code = "bad_length"
    sentence = "请选委托多久，最多一年。"


class ConsentNeeded(BadValue):
    """The tick under the wording is missing."""

    code = "mandate_consent_needed"
    sentence = "请先看明白，再在“我同意”前打勾。"


class PaperMissing(BadValue):
    """A mandate on paper needs its picture."""

    code = "paper_missing"
    sentence = "请拍一张签了字、按了手印的委托书。"


class BadMandateCode(BadValue):
    """The code is wrong, used or too old."""

    code = "bad_mandate_code"
    sentence = "验证码不对，或者过了时间。请核对，或重新发一次。"


class OwnRecord(Forbidden):
    """Nobody confirms what he recorded himself."""

    code = "own_record"
    sentence = "这份委托书是您交来的，请由另一位干部核对。"


class AlreadyObjected(Conflict):
    """The act has been objected to before."""

    code = "already_objected"
    sentence = "这件事已经提过异议，乡镇会来问您。"


class WordsNeeded(BadValue):
    """An objection or its answer says something."""

    code = "objection_words_needed"
    sentence = "请写几个字，4 到 200 个。"
