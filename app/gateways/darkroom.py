"""The closed room in which strangers' pictures are decoded: a child process with limits, run by `images`.

Started as a file (`python -I darkroom.py JPEG`), so it loads Pillow and nothing of ours. The picture comes on
standard input; standard output carries one line of JSON and then the finished files, one behind the other. A
decoder that is tricked into eating memory or time, or into writing, takes only this process with it.
"""

from __future__ import annotations

import io
import json
import resource
import struct
import sys
import warnings
from collections.abc import Callable
from typing import NamedTuple

import pillow_heif
from PIL import Image, ImageCms

MAX_PIXELS = 40_000_000
# 40 million pixels of the hungriest accepted kind (WebP with transparency) were seen to need 0.8 GB.
MAX_MEMORY = 1 << 30
# An honest picture takes at most 2 seconds; a progressive JPEG may hold thousands of passes over its pixels.
MAX_CPU_SECONDS = 8

PAPER = (0xFB, 0xF6, 0xEC)
QUALITIES = (82, 74, 66, 58, 48, 38, 28)
ORIENTATION = 0x0112
# What undoes each EXIF orientation; 1 and unknown values need nothing.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
SIDEWAYS = (5, 6, 7, 8)


class Print(NamedTuple):
    """One finished file and its size in pixels."""

    data: bytes
    width: int
    height: int


class Prints(NamedTuple):
    """The three finished files and the average hash of the picture (16 hex digits)."""

    list: Print
    page: Print
    full: Print
    average_hash: str


class TooManyPixelsError(Exception):
    """The header promises, or the decoder delivered, more than `MAX_PIXELS`."""


def develop(data: bytes, kind: str) -> Prints:
    """The picture upright, in sRGB on paper colour, in three sizes, with nothing left of the original file.

    `kind` is the only Pillow format that is tried: JPEG, PNG, WEBP or HEIF. Of several frames the first (in
    HEIC the primary one) is taken. Raises `TooManyPixelsError`, before decoding where the header tells, and
    whatever the decoder raises for a broken file.
    """
    with Image.open(io.BytesIO(data), formats=(kind,)) as opened:
        master = _upright_master(opened, kind)
    full = _print(master, width=1600, budget=800_000, encode=_jpeg)
    page = _print(master, width=960, budget=240_000, encode=_webp)
    small = _print(master, width=480, budget=80_000, encode=_webp)
    return Prints(list=small, page=page, full=full, average_hash=_average_hash(master))


def _upright_master(opened: Image.Image, kind: str) -> Image.Image:
    """The opened picture at no more than its full size, with no metadata left on it."""
    _count_pixels(opened)
    if kind == "JPEG":
        # Decoding at a half, quarter or eighth is several times cheaper; EXIF lies before the pixels.
        opened.draft(None, _unturned_target(opened, _orientation(opened)))
    opened.load()
    _count_pixels(opened)
    orientation = _orientation(opened)
    profile = opened.info.get("icc_profile")
    small = _resized(_in_whole_bytes(opened), _unturned_target(opened, orientation))
    if orientation in TURNS:
        small = small.transpose(TURNS[orientation])
    return _on_paper(small, profile)


def _count_pixels(image: Image.Image) -> None:
    if image.width * image.height > MAX_PIXELS:
        raise TooManyPixelsError


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except (
        ArithmeticError,
        EOFError,
        LookupError,
        OSError,
        SyntaxError,
        TypeError,
        ValueError,
        struct.error,
    ):
        # Phones and editors write broken EXIF; the photo is still good, so it is shown as it lies.
        return 1


def _unturned_target(image: Image.Image, orientation: int) -> tuple[int, int]:
    width, height = image.size
    if orientation in SIDEWAYS:
        height, width = _fitted((height, width), width=1600)
        return width, height
    return _fitted((width, height), width=1600)


def _fitted(size: tuple[int, int], *, width: int) -> tuple[int, int]:
    """The largest size of this shape, at most `width` wide and twice as high, never larger than `size`."""
    scale = min(1.0, width / size[0], 2 * width / size[1])
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _in_whole_bytes(image: Image.Image) -> Image.Image:
    """The picture in a mode that can be resized smoothly: L, LA, RGB, RGBA or CMYK."""
    if image.mode.startswith(("I", "F")):
        return image.point(lambda value: value * (1 / 256)).convert("L")
    if image.mode in ("RGBa", "La"):
        return image.convert(image.mode[:-1] + "A")
    if image.mode not in ("LA", "RGBA") and image.has_transparency_data:
        return image.convert("RGBA")
    if image.mode == "1":
        return image.convert("L")
    if image.mode in ("L", "LA", "RGB", "RGBA", "CMYK"):
        return image
    return image.convert("RGB")


def _resized(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    if image.size == size:
        return image
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


def _on_paper(image: Image.Image, profile: bytes | None) -> Image.Image:
    """A new RGB picture: the colours in sRGB, what was transparent in paper colour."""
    paper = Image.new("RGB", image.size, PAPER)
    if image.mode in ("LA", "RGBA"):
        paper.paste(_in_srgb(image.convert(image.mode[:-1]), profile), mask=image.getchannel("A"))
    else:
        paper.paste(_in_srgb(image, profile))
    return paper


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            target = ImageCms.createProfile("sRGB")
            converted = ImageCms.profileToProfile(image, source, target, outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, ValueError):
            # A broken or mismatched profile is no reason to refuse a photo.
            converted = None
        if converted is not None:
            return converted
    return image.convert("RGB")


def _print(master: Image.Image, *, width: int, budget: int, encode: Callable[[Image.Image, int], bytes]) -> Print:
    """The first of ever plainer, then ever smaller, encodings that weighs at most `budget` bytes."""
    size = _fitted(master.size, width=width)
    while True:
        image = _resized(master, size)
        for quality in QUALITIES:
            data = encode(image, quality)
            if len(data) <= budget:
                return Print(data, image.width, image.height)
        size = max(1, size[0] * 3 // 4), max(1, size[1] * 3 // 4)


def _jpeg(image: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
    return out.getvalue()


def _webp(image: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "WEBP", quality=quality, method=4)
    return out.getvalue()


def _average_hash(image: Image.Image) -> str:
    """64 bits, one per cell of an 8 × 8 grid: is it brighter than the mean. Like pictures share most bits."""
    cells = image.convert("L").resize((8, 8), Image.Resampling.LANCZOS).tobytes()
    bits = "".join("1" if 64 * cell > sum(cells) else "0" for cell in cells)
    return f"{int(bits, 2):016x}"


def _lock_the_door() -> None:
    """From here on the process has bounded memory and time, and can write no file and no core dump."""
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_CPU_SECONDS, MAX_CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main(kind: str) -> None:
    """Develop standard input and write the answer; a broken picture ends in a traceback, exit 1."""
    _lock_the_door()
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    if kind == "HEIF":
        pillow_heif.register_heif_opener(thumbnails=False, decode_threads=1)
    out = sys.stdout.buffer
    try:
        prints = develop(sys.stdin.buffer.read(), kind)
    except (TooManyPixelsError, Image.DecompressionBombWarning, Image.DecompressionBombError, MemoryError):
        out.write(b'{"refused": "too_many_pixels"}\n')
        return
    files = {"list": prints.list, "page": prints.page, "full": prints.full}
    sizes = {name: [len(file.data), file.width, file.height] for name, file in files.items()}
    out.write(json.dumps({"average_hash": prints.average_hash, "files": sizes}).encode() + b"\n")
    for file in files.values():
        out.write(file.data)


if __name__ == "__main__":
    main(sys.argv[1])
