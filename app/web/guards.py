"""Who may enter: every route names its permission, or says that it is public."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Final, TypeVar

from flask import Flask, current_app, request
from flask_login import LoginManager, UserMixin, current_user

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


class _SignedIn(UserMixin):
    """Who is signed in, as Flask-Login keeps him for the length of a request; the cookie names the token alone."""

    def __init__(self, token: str, who: Viewer) -> None:
        self.token, self.viewer = token, who

    def get_id(self) -> str:
        """What the cookie keeps."""
        return self.token


def init(app: Flask, *, load: LoadViewer) -> None:
    """From here on the app's routes are guarded, and `viewer()` knows who asks."""
    manager = LoginManager()
    # The token is bound to a row that can be ended; a change of address, as phones have, must not sign out.
    app.config["SESSION_PROTECTION"] = None
    manager.init_app(app)

    def signed_in_by(token: object) -> _SignedIn | None:
        if not isinstance(token, str):
            return None
        who = load(token)
        return None if who is None else _SignedIn(token, who)

    manager.user_loader(signed_in_by)
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
    user: object = current_user._get_current_object()
    return user.viewer if isinstance(user, _SignedIn) else None


def viewer() -> Viewer:
    """The signed-in person who asks. Raises `SignInNeeded`."""
    who = visitor()
    if who is None:
        raise SignInNeeded()
    return who
