"""Honest pictures, made on the spot: fields of colour, photos full of detail, phones' metadata."""

from __future__ import annotations

import io
import random

import pillow_heif
from PIL import ExifTags, Image, ImageCms

JUJUBE = (155, 28, 28)
RIVER = (31, 78, 107)
PLACE_NAME = "Mengmen-orchard-7"

pillow_heif.register_heif_opener()


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    """The picture as a file of this Pillow format."""
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def decoded(data: bytes) -> Image.Image:
    """The picture in a file that our own code made."""
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def field(size: tuple[int, int] = (640, 480), colour: tuple[int, int, int] = JUJUBE) -> Image.Image:
    """One colour all over."""
    return Image.new("RGB", size, colour)


def noise(size: tuple[int, int]) -> Image.Image:
    """Pure noise, the hardest picture there is to make small; the same every time."""
    pixels = random.Random(141125).randbytes(size[0] * size[1] * 3)
    return Image.frombytes("RGB", size, pixels)


def red_left_blue_right(size: tuple[int, int] = (600, 400)) -> Image.Image:
    """Two halves, so that a turned or mirrored picture can be told."""
    image = field(size, JUJUBE)
    image.paste(RIVER, (size[0] // 2, 0, size[0], size[1]))
    return image


def phone_exif(orientation: int = 1) -> Image.Exif:
    """What a phone writes: orientation, a name and where the orchard lies."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.Artist] = PLACE_NAME
    exif.get_ifd(ExifTags.IFD.GPSInfo).update(
        {
            ExifTags.GPS.GPSLatitudeRef: "N",
            ExifTags.GPS.GPSLatitude: (37.0, 26.0, 12.0),
            ExifTags.GPS.GPSLongitudeRef: "E",
            ExifTags.GPS.GPSLongitude: (110.0, 44.0, 31.0),
        }
    )
    return exif


def srgb_profile() -> bytes:
    """An embedded colour profile like those that cameras write."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
