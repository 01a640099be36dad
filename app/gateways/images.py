"""Photos that people send: known by content, decoded in a closed room, kept as three fresh pictures."""

from __future__ import annotations

import hashlib
import json
import logging
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore

from app.kernel.errors import DomainError

MAX_BYTES = 12_000_000
LIST_BUDGET_BYTES = 80_000

_DARKROOM = Path(__file__).with_name("darkroom.py")
_SECONDS_IN_DARKROOM = 30
_SECONDS_IN_QUEUE = 20
# Two decoders may each want a gigabyte; the other threads of this process wait for their turn.
_places = BoundedSemaphore(2)
_log = logging.getLogger(__name__)

_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis"}


@dataclass(frozen=True, slots=True)
class Rendition:
    """One re-encoded picture: bytes, size in pixels, SHA-256 of the bytes in hex, media type."""

    data: bytes
    width: int
    height: int
    sha256: str
    media_type: str


@dataclass(frozen=True, slots=True)
class Renditions:
    """One photo in three sizes, and its average hash (64 bits in hex; like photos differ in few bits)."""

    list: Rendition
    page: Rendition
    full: Rendition
    average_hash: str


class EmptyImage(DomainError):
    """Nothing was sent."""

    code = "image_empty"
    status = 422
    sentence = "没有收到照片，请重新选择一张再上传。"


class ImageTooBig(DomainError):
    """The file is longer than `MAX_BYTES`."""

    code = "image_too_big"
    status = 413
    sentence = "照片文件太大（最大 12 MB），请在手机里选小一点的尺寸再上传。"


class NotAnImage(DomainError):
    """The content is none of the accepted kinds, whatever the name says."""

    code = "image_kind"
    status = 415
    sentence = "这个文件不是可用的照片。请上传 JPG、PNG、WebP 或苹果手机的 HEIC 照片。"


class TooManyPixels(DomainError):
    """The picture has more than 40 million pixels, or needs as much memory as if it had."""

    code = "image_too_many_pixels"
    status = 422
    sentence = "照片的像素太多（最多 4000 万像素），请把尺寸改小后再上传。"


class BrokenImage(DomainError):
    """The file begins like a picture and cannot be decoded to the end."""

    code = "image_broken"
    status = 422
    sentence = "照片已损坏或没有传完整，请重新拍一张或再传一次。"


class ImagesBusy(DomainError):
    """Too many photos are being worked on at this moment."""

    code = "images_busy"
    status = 503
    sentence = "现在上传照片的人很多，请过半分钟再传一次。"
    retry_after = 30


def renditions(data: bytes) -> Renditions:
    """The photo in three sizes that carry nothing of the original file but its pixels.

    - list: WebP, at most 480 px wide and 80 000 bytes. page: WebP, at most 960 px and 240 000 bytes. full:
      JPEG, at most 1600 px and 800 000 bytes. None is more than twice as high as its width limit or larger
      than the original. When a budget cannot be met by quality, the picture gets smaller.
    - Upright (EXIF orientation applied), 8-bit sRGB, transparency on paper colour. No EXIF, GPS, XMP,
      comment, thumbnail or profile survives. Of an animation the first frame is kept.

    Accepts JPEG, PNG, WebP and HEIC by content. Raises `EmptyImage`, `ImageTooBig`, `NotAnImage`,
    `TooManyPixels`, `BrokenImage` or `ImagesBusy`. Decoding happens in a child process with limits on memory,
    time and files, so no picture can take the caller down. Takes 0.2 to 2 s: call it outside a transaction.
    """
    if not data:
        raise EmptyImage
    if len(data) > MAX_BYTES:
        raise ImageTooBig
    return _unpacked(_developed(data, _kind_of(data)))


def _kind_of(data: bytes) -> str:
    """The one decoder that the first bytes ask for."""
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp" and _brands(data) & _HEIC_BRANDS:
        return "HEIF"
    raise NotAnImage


def _brands(data: bytes) -> set[bytes]:
    """The major and the compatible brands of an ISO base media file (ISO/IEC 14496-12, box `ftyp`)."""
    end = min(int.from_bytes(data[:4], "big"), 256)
    return {data[8:12]} | {data[at : at + 4] for at in range(16, end, 4)}


def _developed(data: bytes, kind: str) -> bytes:
    """What the darkroom wrote: one line of JSON, then the files."""
    if not _places.acquire(timeout=_SECONDS_IN_QUEUE):
        raise ImagesBusy
    try:
        # The child gets neither our environment (it holds secrets) nor our module path.
        child = subprocess.run(
            [sys.executable, "-I", str(_DARKROOM), kind],
            input=data,
            capture_output=True,
            env={"MALLOC_ARENA_MAX": "2"},
            timeout=_SECONDS_IN_DARKROOM,
            check=False,
        )
    except subprocess.TimeoutExpired:
        _log.warning("darkroom timed out on a %s of %d bytes", kind, len(data))
        raise BrokenImage from None
    finally:
        _places.release()
    if child.returncode != 0:
        reason = child.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        _log.info("darkroom refused a %s of %d bytes, exit %d: %s", kind, len(data), child.returncode, reason)
        raise BrokenImage
    return child.stdout


def _unpacked(answer: bytes) -> Renditions:
    head, _, files = answer.partition(b"\n")
    told = json.loads(head)
    if told.get("refused") == "too_many_pixels":
        raise TooManyPixels
    made: dict[str, Rendition] = {}
    for name, (length, width, height) in told["files"].items():
        data, files = files[:length], files[length:]
        media_type = "image/jpeg" if name == "full" else "image/webp"
        made[name] = Rendition(data, width, height, hashlib.sha256(data).hexdigest(), media_type)
    return Renditions(made["list"], made["page"], made["full"], told["average_hash"])
