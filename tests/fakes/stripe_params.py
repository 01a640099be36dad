"""Request parameters: form encoding to nested values, then checked against the SDK's own TypedDicts.

What the SDK's types do not know is refused as Stripe refuses it, so a misspelt parameter fails a test and not a buyer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from functools import cache
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints
from urllib.parse import parse_qsl

import stripe
from stripe._request_options import RequestOptions
from stripe._stripe_object import UntypedStripeObject
from typing_extensions import is_typeddict

from tests.fakes.stripe_errors import InvalidParameters

_KEY = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)\Z")
# What the annotations of `RequestOptions`, which every TypedDict of the SDK repeats, name from its own module.
_NAMES = {"Mapping": Mapping, "StripeContext": stripe.StripeContext}
_INTEGER = re.compile(r"-?[0-9]{1,18}\Z")


def decode(encoded: str) -> dict[str, Any]:
    """The nested values of a form or a query: `a[0][b]=c` is {"a": [{"b": "c"}]}; leaves are strings."""
    tree: dict[str, Any] = {}
    for key, value in parse_qsl(encoded, keep_blank_values=True):
        match = _KEY.match(key)
        if match is None:
            raise InvalidParameters(f"Invalid parameter name: {key}", param=key)
        steps = [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])]
        _plant(tree, steps, value, key=key)
    return {name: _with_lists(value) for name, value in tree.items()}


def _plant(tree: dict[str, Any], steps: list[str], value: str, *, key: str) -> None:
    node = tree
    for step in steps[:-1]:
        node = node.setdefault(step or str(len(node)), {})
        if not isinstance(node, dict):
            raise InvalidParameters(f"Invalid parameter: {key}", param=key)
    node[steps[-1] or str(len(node))] = value


def _with_lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    nested = {name: _with_lists(item) for name, item in value.items()}
    if list(nested) == [str(place) for place in range(len(nested))]:
        return list(nested.values())
    return nested


def checked(params: dict[str, Any], against: Any, *, at: str = "") -> dict[str, Any]:
    """The same values with the types that a TypedDict of the SDK gives them.

    Raises `InvalidParameters` with Stripe's code for the first one unknown, missing, empty or of another type.
    """
    hints = _hints(against)
    for name in params:
        if name not in hints:
            path = _path(at, name)
            raise InvalidParameters(f"Received unknown parameter: {path}", code="parameter_unknown", param=path)
    for name in sorted(against.__required_keys__ - params.keys()):
        path = _path(at, name)
        raise InvalidParameters(f"Missing required param: {path}.", code="parameter_missing", param=path)
    return {name: _typed(value, hints[name], _path(at, name)) for name, value in params.items()}


@cache
def _hints(against: Any) -> dict[str, Any]:
    hints = get_type_hints(against, localns=_NAMES)
    options = RequestOptions.__annotations__.keys()
    return {name: hint for name, hint in hints.items() if name not in options} if options <= hints.keys() else hints


def _path(at: str, name: str) -> str:
    return f"{at}[{name}]" if at else name


def _typed(value: Any, hint: Any, path: str) -> Any:
    choices = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    if isinstance(value, str):
        return _scalar(value, choices, path)
    for choice in choices:
        origin = get_origin(choice) or choice
        if origin is list and isinstance(value, list):
            return [_typed(item, get_args(choice)[0], f"{path}[{place}]") for place, item in enumerate(value)]
        if is_typeddict(choice) and isinstance(value, dict):
            return checked(value, choice, at=path)
        if origin in (dict, UntypedStripeObject):
            return _strings(value, path)
    raise _invalid(value, choices, path)


def _strings(value: Any, path: str) -> dict[str, str]:
    pairs: Iterable[tuple[Any, Any]] = enumerate(value) if isinstance(value, list) else value.items()
    strings = {str(name): item for name, item in pairs}
    if len(strings) > 50:
        raise InvalidParameters(f"{path} may have at most 50 keys.", param=path)
    for name, item in strings.items():
        if not isinstance(item, str):
            raise InvalidParameters(f"Invalid string: {item}", param=_path(path, name))
        if len(name) > 40 or len(item) > 500:
            raise InvalidParameters(f"Too long: {path} takes 40 characters of key and 500 of value.", param=path)
    return strings


def _scalar(value: str, choices: tuple[Any, ...], path: str) -> Any:
    words = [word for choice in choices if get_origin(choice) is Literal for word in get_args(choice)]
    if value in words:
        return value
    if value == "":
        said = f"You passed an empty string for '{path}', which cannot be unset. Leave the parameter out instead."
        raise InvalidParameters(said, code="parameter_invalid_empty", param=path)
    for choice in choices:
        # The SDK writes a list of words as `Literal[…] | str` to stay open for later words; Stripe itself is strict.
        if choice is str and not any(words):
            return value
        if choice is int and _INTEGER.match(value):
            return int(value)
        if choice is bool and value in ("true", "false"):
            return value == "true"
        if choice in (Decimal, float) and (number := _decimal(value)) is not None:
            return number
    raise _invalid(value, (*choices, *words), path)


def _decimal(value: str) -> Decimal | None:
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _invalid(value: Any, choices: tuple[Any, ...], path: str) -> InvalidParameters:
    words = [choice for choice in choices if isinstance(choice, str) and choice]
    if words:
        return InvalidParameters(f"Invalid {path}: must be one of {', '.join(words)}", param=path)
    if int in choices:
        return InvalidParameters(f"Invalid integer: {value}", code="parameter_invalid_integer", param=path)
    if bool in choices:
        return InvalidParameters(f"Invalid boolean: {value}", param=path)
    if str in choices:
        return InvalidParameters(f"Invalid string: {value}", param=path)
    return InvalidParameters(f"Invalid {path}: {value}", param=path)
