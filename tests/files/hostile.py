"""Files made to harm: floods, liars, halves and files of two natures. Nothing here is ever committed as a binary."""

from __future__ import annotations

import struct
import zlib

from PIL import Image

from tests.files.pictures import encoded, field, noise

SCRIPT = b"<script>alert('jujube')</script>"


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width: int, height: int, *, bits: int, colour_type: int, pixels: bytes, extra: bytes = b"") -> bytes:
    """A PNG whose header says what we like; `extra` chunks stand before the pixels."""
    header = struct.pack(">IIBBBBB", width, height, bits, colour_type, 0, 0, 0)
    body = _chunk(b"IHDR", header) + extra + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def flood(side: int) -> bytes:
    """A white 1-bit square: ten kilobytes that unfold to `side` × `side` pixels."""
    row = b"\0" + b"\xff" * ((side + 7) // 8)
    return png(side, side, bits=1, colour_type=0, pixels=zlib.compress(row * side, 9))


def header_only(side: int) -> bytes:
    """A PNG that promises `side` × `side` true colours and brings a hundred bytes of them."""
    return png(side, side, bits=8, colour_type=2, pixels=zlib.compress(bytes(100)))


def text_bomb() -> bytes:
    """A PNG of one pixel with a compressed comment of 64 MB."""
    comment = _chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(64 << 20), 9))
    return png(1, 1, bits=8, colour_type=2, pixels=zlib.compress(bytes(4)), extra=comment)


def broken_checksum() -> bytes:
    """A PNG with one bit of its header turned over."""
    data = bytearray(encoded(field(), "PNG"))
    data[20] ^= 1
    return bytes(data)


def jpeg_claiming(width: int, height: int) -> bytes:
    """A small JPEG whose frame header lies about its size."""
    data = bytearray(encoded(field((64, 64)), "JPEG"))
    frame = data.index(b"\xff\xc0")
    data[frame + 5 : frame + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def webp_claiming(width: int, height: int) -> bytes:
    """A WebP with a transparent canvas of a size that its only frame does not have."""
    data = bytearray(encoded(Image.new("RGBA", (64, 64), (155, 28, 28, 90)), "WEBP"))
    canvas = data.index(b"VP8X") + 12
    data[canvas : canvas + 6] = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return bytes(data)


def heic_claiming(width: int, height: int) -> bytes:
    """A small HEIC whose container lies about the size of the picture within."""
    data = encoded(field((64, 64)), "HEIF")
    honest = b"ispe" + bytes(4) + struct.pack(">II", 64, 64)
    return data.replace(honest, b"ispe" + bytes(4) + struct.pack(">II", width, height))


def many_scans() -> bytes:
    """A progressive JPEG that repeats its last scan some thousand times, each one a pass over all pixels."""
    data = encoded(field((4000, 4000)), "JPEG", progressive=True)
    start = data.rindex(b"\xff\xda")
    scan = data[start:-2]
    return data[:start] + scan * (11_000_000 // len(scan)) + b"\xff\xd9"


def halves() -> dict[str, bytes]:
    """Photos whose transfer broke off in the middle."""
    photo = noise((400, 300))
    kinds = ("JPEG", "PNG", "WEBP", "HEIF")
    whole = {kind: encoded(photo, kind) for kind in kinds}
    return {kind: data[: len(data) // 2] for kind, data in whole.items()}


def two_natures() -> dict[str, bytes]:
    """Real pictures that also carry a page with a script, in all the places that a decoder skips."""
    photo = field()
    jpeg = encoded(photo, "JPEG", comment=SCRIPT)
    return {
        "comment": jpeg,
        "tail": jpeg + SCRIPT,
        "pdf tail": jpeg + b"%PDF-1.7\n" + SCRIPT + b"\n%%EOF",
        "zip tail": encoded(photo, "PNG") + b"PK\x03\x04" + SCRIPT,
        "png text": png(
            1,
            1,
            bits=8,
            colour_type=2,
            pixels=zlib.compress(b"\0\x9b\x1c\x1c"),
            extra=_chunk(b"tEXt", b"Comment\0" + SCRIPT) + _chunk(b"iCCP", b"x\0\0" + zlib.compress(SCRIPT)),
        ),
        "webp xmp": encoded(photo, "WEBP", xmp=SCRIPT, exif=b"Exif\0\0" + SCRIPT),
    }


def other_kinds() -> dict[str, bytes]:
    """What is not one of the four kinds, whatever it is called."""
    photo = field((64, 64))
    return {
        "gif with script": b"GIF89a/*" + SCRIPT + b"*/=1;" + encoded(photo, "GIF")[6:],
        "svg": b'<svg xmlns="http://www.w3.org/2000/svg">' + SCRIPT + b"</svg>",
        "html": b"<!doctype html>" + SCRIPT,
        "pdf": b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF",
        "pdf around a jpeg": b"%PDF-1.7\n" + encoded(photo, "JPEG"),
        "tiff": encoded(photo, "TIFF"),
        "psd": b"8BPS\0\x01" + bytes(6) + struct.pack(">HIIHH", 3, 64, 64, 8, 3) + bytes(12),
        "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 64 64\nshowpage\n",
        "avif": encoded(photo, "AVIF"),
        "avif under a general brand": encoded(photo, "AVIF").replace(b"ftypavif", b"ftypmif1", 1),
        "ico": encoded(photo, "ICO"),
        "bmp": encoded(photo, "BMP"),
        "jpeg 2000": encoded(photo, "JPEG2000"),
        "mp4": struct.pack(">I", 24) + b"ftypisom" + bytes(4) + b"isommp42" + bytes(64),
        "wav": b"RIFF" + struct.pack("<I", 36) + b"WAVEfmt " + bytes(28),
        "xlsx": b"PK\x03\x04" + bytes(60),
        "elf": b"\x7fELF" + bytes(60),
        "one byte": b"\xff",
        "words": "红枣".encode() * 100,
    }


def beginnings() -> dict[str, bytes]:
    """Nothing but the first bytes of each accepted kind, then garbage."""
    garbage = b"\x5a\xa5" * 400
    return {
        "JPEG": b"\xff\xd8\xff\xe0" + garbage,
        "JPEG with a good frame": encoded(field((64, 64)), "JPEG")[:170] + garbage,
        "PNG": b"\x89PNG\r\n\x1a\n" + garbage,
        "WEBP": b"RIFF\x64\0\0\0WEBPVP8 " + garbage,
        "HEIF": struct.pack(">I", 24) + b"ftypheic" + bytes(4) + b"mif1heic" + garbage,
    }
