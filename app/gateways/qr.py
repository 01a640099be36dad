"""Square codes that phones read: as a picture for pages and files, and as modules for print."""

from __future__ import annotations

import io

import segno

_QUIET = 4
"""Modules of white around a code, without which old phones do not find it. Source: ISO/IEC 18004."""


def svg(text: str) -> str:
    """The code as an SVG picture of its own, black on white."""
    out = io.BytesIO()
    _code(text).save(out, kind="svg", border=_QUIET, light="#ffffff", xmldecl=False, omitsize=True)
    return out.getvalue().decode()


def png(text: str, *, scale: int = 8) -> bytes:
    """The code as a PNG picture, `scale` pixels for a module."""
    out = io.BytesIO()
    _code(text).save(out, kind="png", border=_QUIET, scale=scale)
    return out.getvalue()


def modules(text: str) -> list[list[bool]]:
    """Rows of modules from the top, True where it is dark; the white around it is not among them."""
    return [[bool(module) for module in row] for row in _code(text).matrix]


def _code(text: str) -> segno.QRCode:
    # A quarter of a label may be dirty or torn off.
    return segno.make_qr(text, error="q", boost_error=False)
