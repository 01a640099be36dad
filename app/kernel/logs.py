"""Logs: one JSON line per event, with the request's id; no personal data goes in."""

from __future__ import annotations

import logging
import sys
from contextvars import ContextVar

import structlog
from structlog.typing import EventDict, WrappedLogger

_request_id: ContextVar[str] = ContextVar("request_id", default="")


def request_id() -> str:
    """The id of the running request, job or command; empty outside one."""
    return _request_id.get()


def set_request_id(value: str) -> None:
    """From here on, log lines, events and audit rows carry this id."""
    _request_id.set(value)


def _with_request_id(logger: WrappedLogger, name: str, line: EventDict) -> EventDict:
    line.setdefault("request_id", _request_id.get())
    return line


def configure(*, level: str) -> None:
    """Write structured lines to standard error; libraries' own logs pass through the same door."""
    logging.basicConfig(stream=sys.stderr, level=level, format="%(message)s", force=True)
    structlog.configure(
        processors=[
            _with_request_id,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def get_logger(name: str) -> structlog.typing.FilteringBoundLogger:
    """A logger whose lines name their source."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger(source=name)
    return logger
