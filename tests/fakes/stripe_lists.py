"""Lists and expansions: how Stripe pages through objects and puts one inside another."""

from __future__ import annotations

import copy
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any

from tests.fakes.stripe_book import Book
from tests.fakes.stripe_errors import InvalidParameters, Refusal, no_such
from tests.fakes.stripe_shapes import Shape

_DEEPEST = 4
_PAGING = {"limit", "starting_after", "ending_before", "expand", "created", "types"}
_BOUNDS: dict[str, Callable[[int, int], bool]] = {
    "gt": lambda created, bound: created > bound,
    "gte": lambda created, bound: created >= bound,
    "lt": lambda created, bound: created < bound,
    "lte": lambda created, bound: created <= bound,
}


def page(things: list[Shape], params: Shape, *, url: str) -> Shape:
    """One page of the things that match, newest first, with `has_more`.

    Raises `InvalidParameters` for a limit outside 1…100 or a filter the fake does not know, and Stripe's 404 refusal
    for a cursor that is not among the things.
    """
    limit = params.get("limit", 10)
    if not 1 <= limit <= 100:
        said = f"This value must be between 1 and 100 (it currently is '{limit}')."
        raise InvalidParameters(said, code="parameter_invalid_integer", param="limit")
    matching = [thing for thing in things if _matches(thing, params)]
    names = [thing["id"] for thing in matching]
    if "ending_before" in params:
        found = matching[: _place(names, params["ending_before"], "ending_before")]
        shown = found[-limit:]
    else:
        start = _place(names, params["starting_after"], "starting_after") + 1 if "starting_after" in params else 0
        found = matching[start:]
        shown = found[:limit]
    return {"object": "list", "data": shown, "has_more": len(found) > limit, "url": url}


def _place(names: list[str], cursor: str, param: str) -> int:
    if cursor not in names:
        raise no_such("object", cursor, param=param)
    return names.index(cursor)


def _matches(thing: Shape, params: Shape) -> bool:
    created = params.get("created", {})
    bounds = created if isinstance(created, dict) else {"gte": created, "lte": created}
    if not all(_BOUNDS[name](thing["created"], bound) for name, bound in bounds.items()):
        return False
    if "types" in params and thing["type"] not in params["types"]:
        return False
    return all(_equals(thing, name, wanted) for name, wanted in params.items() if name not in _PAGING)


def _equals(thing: Shape, name: str, wanted: Any) -> bool:
    if name not in thing:
        raise InvalidParameters(f"This fake account does not filter by {name}.", param=name)
    if name == "type":
        return fnmatchcase(thing["type"], wanted)
    return bool(thing[name] == wanted)


def expanded(thing: Shape, paths: list[str], *, book: Book) -> Shape:
    """A copy of an object or list with whole objects at the paths, such as `latest_charge.balance_transaction`.

    Raises Stripe's refusal for a path that names no id.
    """
    whole = copy.deepcopy(thing)
    for path in paths:
        steps = path.split(".")
        if len(steps) > _DEEPEST:
            raise Refusal(f"You cannot expand more than {_DEEPEST} levels of a property: {path}", param="expand")
        _expand(whole, steps, path, book)
    return whole


def _expand(node: Any, steps: list[str], path: str, book: Book) -> None:
    if not steps or node is None:
        return
    if isinstance(node, list):
        for item in node:
            _expand(item, steps, path, book)
        return
    value = node.get(steps[0], "")
    if isinstance(value, str):
        other = book.find(value)
        if other is None:
            raise Refusal(f"This property cannot be expanded ({path}).", param="expand")
        value = node[steps[0]] = copy.deepcopy(other)
    _expand(value, steps[1:], path, book)
