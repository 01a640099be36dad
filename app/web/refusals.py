"""Saying no: one handler answers people with a page and programs with problem+json (RFC 9457)."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, SecurityError

from app.kernel.db import Busy
from app.kernel.errors import DomainError
from app.kernel.logs import get_logger, request_id
from app.web.guards import SignInNeeded, StepUpNeeded
from app.web.words import sentence_of

log = get_logger("web")

_SENTENCES = {
    400: "请求的内容不完整或格式不对，请返回检查后再试。",
    403: "您没有做这件事的权限。如需办理，请联系县管理员。",
    404: "没有找到这个页面或这条记录，请检查链接是否完整。",
    405: "这个地址不能这样打开，请从页面上的按钮进入。",
    413: "提交的内容太大了。照片请控制在 12 MB 以内。",
    429: "操作太频繁，请稍等一会儿再试。",
    500: "系统出了点问题，我们已经记录下来。您填写的内容没有保存，请稍后再试。",
}


def init(app: Flask) -> None:
    """From here on every refusal and every fault is answered in one way."""
    app.register_error_handler(DomainError, _domain)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(OperationalError, _busy)
    app.register_error_handler(PoolTimeout, _busy)
    app.register_error_handler(Exception, _fault)


def wants_json() -> bool:
    """Whether a program asks."""
    return request.path.startswith("/api/") or (
        request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json"
    )


def _domain(error: DomainError) -> ResponseReturnValue:
    if isinstance(error, SignInNeeded) and request.method in ("GET", "HEAD") and not wants_json():
        return redirect(url_for("sign_in.form", next=request.full_path.rstrip("?")), 303)
    if isinstance(error, StepUpNeeded) and not wants_json():
        back = request.full_path.rstrip("?") if request.method == "GET" else _own_referrer()
        return redirect(url_for("me.step_up", next=back), 303)
    return _answer(error.status, error.code, sentence_of(error), retry_after=error.retry_after)


def _own_referrer() -> str:
    referrer = request.referrer or ""
    return referrer.removeprefix(request.host_url.rstrip("/")) if referrer.startswith(request.host_url) else "/"


def _stale_form(error: CSRFError) -> ResponseReturnValue:
    return _answer(403, "stale_form", str(_("页面停留太久或者来自别处，请刷新后再提交；您的账户没有变化。")))


def _http(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if 300 <= status < 400:
        return error
    if isinstance(error, SecurityError):
        # Nothing is drawn for a host that is not ours: every link on the page would name it.
        return Response("400", status=400, content_type="text/plain")
    sentence = _SENTENCES.get(status, _SENTENCES[400] if status < 500 else _SENTENCES[500])
    return _answer(status, error.name.lower().replace(" ", "_"), str(_(sentence)), headers=dict(error.get_headers()))


def _busy(error: Exception) -> ResponseReturnValue:
    log.warning("database busy", error=type(error).__name__)
    return _domain(Busy())


def _fault(error: Exception) -> ResponseReturnValue:
    log.error("fault", path=request.path, exc_info=error)
    return _answer(500, "fault", str(_(_SENTENCES[500])))


def _answer(
    status: int, code: str, sentence: str, *, retry_after: int | None = None, headers: dict[str, str] | None = None
) -> Response:
    if wants_json():
        response = jsonify(type=f"urn:liulin:{code}", code=code, status=status, title=sentence, instance=request_id())
        response.content_type = "application/problem+json"
    else:
        response = Response(_page(status, sentence), content_type="text/html; charset=utf-8")
    response.status_code = status
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    if headers and "Retry-After" in headers:
        response.headers["Retry-After"] = headers["Retry-After"]
    if headers and "Allow" in headers:
        response.headers["Allow"] = headers["Allow"]
    return response


def _page(status: int, sentence: str) -> str:
    titles = {401: "请先登录", 403: "不能办理", 404: "没有找到", 409: "有变化", 429: "请稍等", 503: "请稍等"}
    title = titles.get(status, "没有办成" if status < 500 else "系统出了点问题")
    values: dict[str, Any] = {"next_text": _("回到首页"), "next_url": url_for("home.index")}
    if status == 401:
        values = {"next_text": _("去登录"), "next_url": url_for("sign_in.form")}
    return render_template(
        "errors/refused.html", title=_(title), sentence=sentence, status=status, reference=request_id(), **values
    )
