"""Why a run of the checks cannot be asked for now."""

from __future__ import annotations

from app.kernel.errors import Conflict, DomainError


class RunsAlready(Conflict):
    """One run is asked for or under way, and one is enough."""

    code = "checks_run_already"
    sentence = "正在核对，请过几秒再看结果，不用再点。"
    retry_after = 5


class AskedJustNow(DomainError):
    """Somebody asked for a run within the last minute."""

    code = "checks_asked_just_now"
    status = 429
    sentence = "刚刚才核对过一次，请过一分钟再点。"
    retry_after = 60
