"""How the fake Stripe says no: the status and JSON that Stripe's own API would answer."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """An answer that is not the one asked for."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.kind = kind
        self.code = code
        self.param = param

    @property
    def body(self) -> dict[str, Any]:
        """Stripe's error JSON; a field without a value is left out."""
        fields = {"type": self.kind, "code": self.code, "message": self.message, "param": self.param}
        return {"error": {name: value for name, value in fields.items() if value is not None}}


class InvalidParameters(Refusal):
    """Said before anything is executed, so Stripe remembers no answer for the idempotency key."""


class NotPossible(Exception):
    """A test or a buyer asked for something that cannot happen at Stripe in this state."""


def no_such(kind: str, name: str, *, param: str) -> Refusal:
    """The refusal of an id that is not in the book."""
    return Refusal(f"No such {kind}: '{name}'", status=404, code="resource_missing", param=param)
