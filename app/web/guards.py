"""Who may enter: every route names its permission, or says that it is public."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from flask import Flask, current_app, g, request, session

from app.kernel.errors import DomainError, Forbidden
from app.kernel.permissions import Permission, Viewer

PUBLIC: Final = "public"
SIGNED_IN: Final = "signed in"
View = TypeVar("View", bound=Callable[..., Any])
LoadViewer = Callable[[str], Viewer | None]


class SignInNeeded(DomainError):
    """Nobody is signed in, or the sign-in has ended."""

    code = "sign_in_needed"
    status = 401
    sentence = "请先登录。登录后会回到这里，填写的内容请稍后重新提交。"


class StepUpNeeded(DomainError):
    """The act needs the second factor, given within the last five minutes."""

    code = "step_up_needed"
    status = 403
    sentence = "这一步需要再次验证身份，请输入动态验证码。"


class RouteUnguarded(RuntimeError):
    """A route that names no permission: a mistake in our code."""


@dataclass(frozen=True, slots=True)
class _Guard:
    load: LoadViewer


def init(app: Flask, *, load: LoadViewer) -> None:
    """From here on the app's routes are guarded, and `viewer()` knows who asks."""
    app.extensions["liulin.guard"] = _Guard(load)
    app.before_request(_refuse_unguarded)


def _refuse_unguarded() -> None:
    if request.endpoint is not None and access_of(current_app, request.endpoint) is None:
        raise RouteUnguarded(request.endpoint)


def access_of(app: Flask, endpoint: str) -> Permission | str | None:
    """The permission that an endpoint names, `PUBLIC`, `SIGNED_IN`, or None when it names nothing."""
    access: Permission | str | None = getattr(app.view_functions[endpoint], "access", None)
    return access


def public(view: View) -> View:
    """Anybody may ask."""
    view.access = PUBLIC  # type: ignore[attr-defined]
    return view


def signed_in(view: View) -> View:
    """Anybody who has signed in may ask; the rows are his own."""

    @functools.wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        viewer()
        return view(*args, **kwargs)

    guarded.access = SIGNED_IN  # type: ignore[attr-defined]
    return guarded  # type: ignore[return-value]


def require(permission: Permission) -> Callable[[View], View]:
    """Only who holds `permission` in some scope may ask; the rows still come through his scope.

    Raises `SignInNeeded`, `Forbidden`, or `StepUpNeeded` where the permission asks for the second factor.
    """

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            who = viewer()
            if not who.may(permission):
                raise Forbidden()
            if permission.needs_step_up and not who.is_stepped_up:
                raise StepUpNeeded()
            return view(*args, **kwargs)

        guarded.access = permission  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return decorate


def visitor() -> Viewer | None:
    """The signed-in person who asks, or None; read once per request."""
    if "viewer" not in g:
        token = session.get("sign_in")
        guard: _Guard = current_app.extensions["liulin.guard"]
        g.viewer = guard.load(token) if isinstance(token, str) else None
    who: Viewer | None = g.viewer
    return who


def viewer() -> Viewer:
    """The signed-in person who asks. Raises `SignInNeeded`."""
    who = visitor()
    if who is None:
        raise SignInNeeded()
    return who
