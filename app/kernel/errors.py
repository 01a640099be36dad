"""How a rule says no: one family of errors with a stable code, a status and a sentence."""

from __future__ import annotations

from typing import ClassVar


class DomainError(Exception):
    """A rule refused; nothing was written.

    A subclass fixes `code` (stable, for programs), `status` (HTTP) and `sentence` (Chinese source text that tells
    what to do next, with `{name}` places); an instance carries the values for the places. `field` names the form
    field at which the sentence belongs, where there is one.
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 422
    sentence: ClassVar[str] = "这一步没有做成，请返回后再试。"
    retry_after: ClassVar[int | None] = None

    def __init__(self, *, field: str | None = None, **values: object) -> None:
        super().__init__(self.sentence.format(**values) if values else self.sentence)
        self.field = field
        self.values = values


class NotFound(DomainError):
    """The thing does not exist, or is not the asker's to see; the two look the same."""

    code = "not_found"
    status = 404
    sentence = "没有找到这个页面或这条记录，请检查链接是否完整。"


class Forbidden(DomainError):
    """The person is known but holds no role for this act."""

    code = "forbidden"
    status = 403
    sentence = "您没有做这件事的权限。如需办理，请联系县管理员。"


class Conflict(DomainError):
    """The thing has changed since it was read, or has already been decided."""

    code = "conflict"
    status = 409
    sentence = "这条记录刚刚有了变化，请刷新后再办。"


class BadValue(DomainError):
    """A value is not acceptable; the sentence says what is."""

    code = "bad_value"
    status = 422
    sentence = "填写的内容不对，请按提示修改。"
