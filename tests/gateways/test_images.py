"""What becomes of an honest photo."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
from PIL import Image

from app.gateways import images
from app.gateways.images import Rendition, Renditions
from tests.files.pictures import (
    JUJUBE,
    PLACE_NAME,
    RIVER,
    decoded,
    encoded,
    field,
    noise,
    phone_exif,
    red_left_blue_right,
    srgb_profile,
)

PAPER = (0xFB, 0xF6, 0xEC)


def all_of(made: Renditions) -> tuple[Rendition, Rendition, Rendition]:
    return made.list, made.page, made.full


def colour_at(rendition: Rendition, x: float, y: float) -> tuple[int, ...]:
    """The colour at a place given in parts of the width and the height."""
    picture = decoded(rendition.data)
    pixel = picture.getpixel((int(x * picture.width), int(y * picture.height)))
    assert isinstance(pixel, tuple)
    return pixel


def is_near(colour: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return max(abs(a - b) for a, b in zip(colour, other, strict=True)) <= 12


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_every_accepted_kind_becomes_three_pictures(kind: str) -> None:
    made = images.renditions(encoded(field((2000, 1500)), kind))

    assert [(it.width, it.height) for it in all_of(made)] == [(480, 360), (960, 720), (1600, 1200)]
    assert all(is_near(colour_at(it, 0.5, 0.5), JUJUBE) for it in all_of(made))


def test_a_rendition_tells_the_truth_about_its_file() -> None:
    for it in all_of(images.renditions(encoded(field(), "JPEG"))):
        picture = decoded(it.data)

        assert picture.size == (it.width, it.height)
        assert it.sha256 == hashlib.sha256(it.data).hexdigest()
        assert it.media_type == Image.MIME[picture.format or ""]


def test_the_same_photo_gives_the_same_files() -> None:
    photo = encoded(noise((300, 200)), "JPEG")

    assert images.renditions(photo) == images.renditions(photo)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_neither_place_nor_name_survives(kind: str) -> None:
    photo = encoded(field(), kind, exif=phone_exif(), xmp=PLACE_NAME.encode())
    assert PLACE_NAME.encode() in photo

    made = images.renditions(photo)

    for it in all_of(made):
        assert not decoded(it.data).getexif()
        assert PLACE_NAME.encode() not in it.data


def test_comments_and_profiles_do_not_survive() -> None:
    photo = encoded(field(), "JPEG", comment=PLACE_NAME, icc_profile=srgb_profile())

    for it in all_of(images.renditions(photo)):
        assert PLACE_NAME.encode() not in it.data
        assert not decoded(it.data).info.keys() & {"comment", "icc_profile", "exif", "xmp", "photoshop"}


@pytest.mark.parametrize("size", [(4000, 3000), (480, 960), (960, 720)])
def test_a_noisy_photo_still_fits_the_list(size: tuple[int, int]) -> None:
    made = images.renditions(encoded(noise(size), "JPEG", quality=60))

    assert len(made.list.data) <= images.LIST_BUDGET_BYTES
    assert made.list.width >= 240


def test_no_rendition_is_too_heavy_to_be_served_in_one_piece() -> None:
    made = images.renditions(encoded(noise((1600, 2000)), "JPEG", quality=80))

    assert len(made.page.data) <= 240_000
    assert len(made.full.data) <= 800_000


def test_a_small_picture_is_not_blown_up() -> None:
    made = images.renditions(encoded(field((37, 21)), "PNG"))

    assert {(it.width, it.height) for it in all_of(made)} == {(37, 21)}


@pytest.mark.parametrize(("size", "small"), [((100, 20_000), (5, 960)), ((20_000, 10), (480, 1))])
def test_a_strip_keeps_within_the_frame(size: tuple[int, int], small: tuple[int, int]) -> None:
    made = images.renditions(encoded(field(size), "PNG"))

    assert (made.list.width, made.list.height) == small


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(
    ("orientation", "turn"),
    [
        (1, None),
        (2, Image.Transpose.FLIP_LEFT_RIGHT),
        (3, Image.Transpose.ROTATE_180),
        (4, Image.Transpose.FLIP_TOP_BOTTOM),
        (5, Image.Transpose.TRANSPOSE),
        (6, Image.Transpose.ROTATE_90),
        (7, Image.Transpose.TRANSVERSE),
        (8, Image.Transpose.ROTATE_270),
    ],
)
def test_a_turned_photo_is_shown_upright(kind: str, orientation: int, turn: Image.Transpose | None) -> None:
    upright = red_left_blue_right((2400, 1200))
    as_the_sensor_saw_it = upright.transpose(turn) if turn is not None else upright

    made = images.renditions(encoded(as_the_sensor_saw_it, kind, exif=phone_exif(orientation)))

    assert (made.full.width, made.full.height) == (1600, 800)
    assert is_near(colour_at(made.full, 0.1, 0.5), JUJUBE)
    assert is_near(colour_at(made.full, 0.9, 0.5), RIVER)


def test_a_turned_apple_photo_is_shown_upright_once() -> None:
    lying = red_left_blue_right().transpose(Image.Transpose.ROTATE_90)

    # Given as bytes, the encoder turns it into HEIC's own orientation and keeps the EXIF one beside it.
    made = images.renditions(encoded(lying, "HEIF", exif=phone_exif(6).tobytes()))

    assert (made.full.width, made.full.height) == (600, 400)
    assert is_near(colour_at(made.full, 0.1, 0.5), JUJUBE)


def test_broken_exif_does_not_cost_the_photo() -> None:
    made = images.renditions(encoded(field(), "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff\x01\x12"))

    assert made.full.width == 640


PECULIAR: dict[str, Callable[[], bytes]] = {
    "grey": lambda: encoded(field().convert("L"), "JPEG"),
    "cmyk": lambda: encoded(field().convert("CMYK"), "JPEG"),
    "palette": lambda: encoded(field().quantize(16), "PNG"),
    "one bit": lambda: encoded(Image.new("1", (640, 480), 1), "PNG"),
    "sixteen bits": lambda: encoded(Image.new("I;16", (640, 480), 0x8000), "PNG"),
    "grey with alpha": lambda: encoded(Image.new("LA", (640, 480), (0, 0)), "PNG"),
    "transparent": lambda: encoded(Image.new("RGBA", (640, 480), (0, 0, 0, 0)), "WEBP"),
    "transparent apple": lambda: encoded(Image.new("RGBA", (640, 480), (0, 0, 0, 0)), "HEIF"),
    "transparent palette": lambda: encoded(field().quantize(16), "PNG", transparency=bytes(16)),
    "transparent key": lambda: encoded(field(), "PNG", transparency=JUJUBE),
}
GREY = 3 * (round(0.299 * JUJUBE[0] + 0.587 * JUJUBE[1] + 0.114 * JUJUBE[2]),)


@pytest.mark.parametrize(
    ("name", "colour"),
    [
        ("grey", GREY),
        ("cmyk", JUJUBE),
        ("palette", JUJUBE),
        ("one bit", (255, 255, 255)),
        ("sixteen bits", (128, 128, 128)),
        ("grey with alpha", PAPER),
        ("transparent", PAPER),
        ("transparent apple", PAPER),
        ("transparent palette", PAPER),
        ("transparent key", PAPER),
    ],
)
def test_peculiar_pictures_come_out_in_plain_colour_on_paper(name: str, colour: tuple[int, ...]) -> None:
    for it in all_of(images.renditions(PECULIAR[name]())):
        assert decoded(it.data).mode == "RGB"
        assert is_near(colour_at(it, 0.5, 0.5), colour)


def test_colours_are_brought_from_their_profile_to_srgb() -> None:
    names = {b"rXYZ": b"bXYZ", b"bXYZ": b"rXYZ"}
    profile = srgb_profile()
    tags = [profile[at : at + 12] for at in range(132, 132 + 12 * int.from_bytes(profile[128:132], "big"), 12)]
    swapped = b"".join(names.get(tag[:4], tag[:4]) + tag[4:] for tag in tags)
    red_means_blue = profile[:132] + swapped + profile[132 + len(swapped) :]

    made = images.renditions(encoded(field(colour=(255, 0, 0)), "PNG", icc_profile=red_means_blue))

    assert is_near(colour_at(made.full, 0.5, 0.5), (0, 0, 255))


@pytest.mark.parametrize("profile", [b"no profile at all", srgb_profile()[:200]])
def test_a_broken_profile_does_not_cost_the_photo(profile: bytes) -> None:
    made = images.renditions(encoded(field(), "JPEG", icc_profile=profile))

    assert is_near(colour_at(made.full, 0.5, 0.5), JUJUBE)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "HEIF"])
def test_of_a_moving_picture_the_first_frame_is_kept(kind: str) -> None:
    moving = encoded(field(), kind, save_all=True, append_images=[field(colour=RIVER)])

    made = images.renditions(moving)

    assert is_near(colour_at(made.full, 0.5, 0.5), JUJUBE)
    assert getattr(decoded(made.list.data), "n_frames", 1) == 1


def test_of_a_phone_photo_with_a_second_picture_behind_the_first_is_kept() -> None:
    made = images.renditions(encoded(field(), "MPO", save_all=True, append_images=[field(colour=RIVER)]))

    assert is_near(colour_at(made.full, 0.5, 0.5), JUJUBE)


def bits_apart(one: Renditions, other: Renditions) -> int:
    return (int(one.average_hash, 16) ^ int(other.average_hash, 16)).bit_count()


def test_like_photos_have_like_hashes_and_others_do_not() -> None:
    photo = images.renditions(encoded(red_left_blue_right(), "JPEG", quality=90))

    again = images.renditions(encoded(red_left_blue_right((300, 200)), "WEBP", quality=40))
    other = images.renditions(encoded(red_left_blue_right().transpose(Image.Transpose.ROTATE_90), "JPEG"))

    assert bits_apart(photo, again) <= 4
    assert bits_apart(photo, other) >= 16
