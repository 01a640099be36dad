"""Headers, cookies, CSRF, hosts, limits: what every answer carries and every request must keep to."""

from __future__ import annotations

import secrets

from flask import Flask, Response, g, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFProtect

from app.kernel.errors import NotFound
from app.kernel.logs import set_request_id

MOST_BYTES = 16 * 1024 * 1024
csrf = CSRFProtect()
limiter = Limiter(key_func=get_remote_address, headers_enabled=True, strategy="moving-window")

_CSP = (
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self' https://checkout.stripe.com"
)


def init(
    app: Flask, *, is_https: bool, trusted_hosts: tuple[str, ...], redis_url: str | None, sandbox: str | None
) -> None:
    """Set the app's defences up. `sandbox` is where a payment page lies that only pretends to be one."""
    policy = f"{_CSP} {sandbox}" if sandbox else _CSP
    app.config.update(
        SESSION_COOKIE_NAME="__Host-liulin" if is_https else "liulin",
        SESSION_COOKIE_SECURE=is_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=30 * 24 * 3600,
        SESSION_REFRESH_EACH_REQUEST=False,
        MAX_CONTENT_LENGTH=MOST_BYTES,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        MAX_FORM_PARTS=500,
        TRUSTED_HOSTS=list(trusted_hosts),
        WTF_CSRF_TIME_LIMIT=12 * 3600,
        WTF_CSRF_SSL_STRICT=is_https,
        RATELIMIT_STORAGE_URI=redis_url or "memory://",
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=redis_url is not None,
        RATELIMIT_IN_MEMORY_FALLBACK=["60 per minute"] if redis_url else [],
        PREFERRED_URL_SCHEME="https" if is_https else "http",
    )
    csrf.init_app(app)
    limiter.init_app(app)
    app.before_request(_name_request)
    app.before_request(_refuse_what_names_nothing)

    @app.after_request
    def harden(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", policy)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", "geolocation=(), microphone=(), payment=()")
        headers.setdefault("X-Request-Id", g.get("request_id", ""))
        headers.setdefault("Cache-Control", "no-store" if request.method == "GET" else "no-cache")
        if "retry_after" in g:
            headers.setdefault("Retry-After", str(g.retry_after))
        if is_https:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
        return response


def _name_request() -> None:
    g.request_id = secrets.token_hex(8)
    set_request_id(g.request_id)


def _refuse_what_names_nothing() -> None:
    """A path with a NUL names nothing of ours, and PostgreSQL would fail on comparing it with a name that we have."""
    if "\0" in request.path:
        raise NotFound()


def local_path(target: str | None, *, otherwise: str = "/") -> str:
    """`target` if it is a path on this site, else `otherwise`: what may follow a sign-in or a change of settings."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return otherwise
    if any(sign in target for sign in "\\\r\n\t\0") or not target.isprintable() or not target.isascii():
        return otherwise
    return target
