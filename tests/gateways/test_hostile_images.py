"""Files made to harm are refused with a sentence, or lose their sting."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from threading import BoundedSemaphore

import pytest

from app.gateways import images
from app.gateways.images import (
    BrokenImage,
    EmptyImage,
    ImagesBusy,
    ImageTooBig,
    NotAnImage,
    TooManyPixels,
)
from app.kernel.errors import DomainError
from tests.files import hostile
from tests.files.pictures import encoded, field


@pytest.mark.parametrize(
    "flood",
    [
        pytest.param(lambda: hostile.flood(9000), id="9000 square of one bit"),
        pytest.param(lambda: hostile.flood(6400), id="just over the limit"),
        pytest.param(lambda: hostile.header_only(20_000), id="20000 square header"),
        pytest.param(lambda: hostile.header_only(2**31 - 1), id="largest header"),
        pytest.param(lambda: hostile.jpeg_claiming(65_000, 65_000), id="jpeg"),
        pytest.param(lambda: hostile.webp_claiming(16_000, 16_000), id="webp"),
        pytest.param(lambda: hostile.heic_claiming(20_000, 20_000), id="heic"),
    ],
)
def test_a_pixel_flood_is_refused(flood: object) -> None:
    assert callable(flood)
    data = flood()
    assert len(data) < 40_000

    with pytest.raises(TooManyPixels):
        images.renditions(data)


def test_forty_million_pixels_are_still_welcome() -> None:
    made = images.renditions(hostile.flood(6300))

    assert (made.full.width, made.full.height) == (1600, 1600)


@pytest.mark.parametrize(
    "lie",
    [
        pytest.param(lambda: hostile.webp_claiming(6000, 6000), id="webp larger than it is"),
        pytest.param(lambda: hostile.heic_claiming(6000, 6000), id="heic larger than it is"),
        pytest.param(lambda: hostile.heic_claiming(2, 2), id="heic smaller than it is"),
        pytest.param(hostile.text_bomb, id="comment that unfolds to 64 MB"),
        pytest.param(hostile.broken_checksum, id="wrong checksum"),
    ],
)
def test_a_picture_that_lies_is_refused(lie: object) -> None:
    assert callable(lie)
    with pytest.raises(BrokenImage):
        images.renditions(lie())


@pytest.mark.deep
def test_a_picture_of_a_thousand_passes_ends_with_its_time() -> None:
    with pytest.raises(BrokenImage):
        images.renditions(hostile.many_scans())


@pytest.mark.parametrize(("kind", "data"), hostile.halves().items())
def test_half_a_photo_is_refused(kind: str, data: bytes) -> None:
    with pytest.raises(BrokenImage):
        images.renditions(data)


@pytest.mark.parametrize(("kind", "data"), hostile.beginnings().items())
def test_a_good_beginning_is_not_enough(kind: str, data: bytes) -> None:
    with pytest.raises(BrokenImage):
        images.renditions(data)


@pytest.mark.parametrize(("name", "data"), hostile.other_kinds().items())
def test_other_kinds_are_refused_by_their_content(name: str, data: bytes) -> None:
    with pytest.raises(NotAnImage):
        images.renditions(data)


@pytest.mark.parametrize(("place", "data"), hostile.two_natures().items())
def test_a_script_hidden_in_a_photo_is_gone(place: str, data: bytes) -> None:
    made = images.renditions(data)

    for it in (made.list, made.page, made.full):
        assert b"script" not in it.data
        assert b"%PDF" not in it.data
        assert b"PK\x03\x04" not in it.data


def test_nothing_at_all_is_refused() -> None:
    with pytest.raises(EmptyImage):
        images.renditions(b"")


def test_thirteen_megabytes_are_too_many() -> None:
    photo = encoded(field(), "JPEG")

    with pytest.raises(ImageTooBig):
        images.renditions(photo + bytes(13_000_000 - len(photo)))


def test_twelve_megabytes_are_not() -> None:
    photo = encoded(field(), "JPEG")

    assert images.renditions(photo + bytes(images.MAX_BYTES - len(photo))).full.width == 640


@pytest.mark.parametrize(
    ("refusal", "status"),
    [
        (EmptyImage, 422),
        (ImageTooBig, 413),
        (NotAnImage, 415),
        (TooManyPixels, 422),
        (BrokenImage, 422),
        (ImagesBusy, 503),
    ],
)
def test_a_refusal_is_a_status_and_a_chinese_sentence(refusal: type[DomainError], status: int) -> None:
    assert refusal.status == status
    assert "请" in str(refusal())


def darkroom_says(tmp_path: Path, code: str) -> Path:
    room = tmp_path / "darkroom.py"
    room.write_text(code, encoding="utf-8")
    return room


def test_a_decoder_that_dies_takes_nobody_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "_DARKROOM", darkroom_says(tmp_path, "import os; os.abort()"))

    with pytest.raises(BrokenImage):
        images.renditions(encoded(field(), "JPEG"))


def test_a_decoder_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "_DARKROOM", darkroom_says(tmp_path, "import time; time.sleep(50)"))
    monkeypatch.setattr(images, "_SECONDS_IN_DARKROOM", 0.5)

    with pytest.raises(BrokenImage):
        images.renditions(encoded(field(), "JPEG"))


def test_a_place_in_the_darkroom_is_given_back_after_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "_places", BoundedSemaphore(1))
    monkeypatch.setattr(images, "_SECONDS_IN_QUEUE", 0)
    with pytest.raises(BrokenImage):
        images.renditions(hostile.broken_checksum())

    assert images.renditions(encoded(field(), "JPEG")).full.width == 640


def test_when_all_places_are_taken_the_next_is_asked_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    places = BoundedSemaphore(1)
    places.acquire()
    monkeypatch.setattr(images, "_places", places)
    monkeypatch.setattr(images, "_SECONDS_IN_QUEUE", 0)

    with pytest.raises(ImagesBusy) as refusal:
        images.renditions(encoded(field(), "JPEG"))

    assert refusal.value.retry_after == 30


@pytest.mark.parametrize(
    ("attempt", "answer"),
    [
        ("bytearray(2 << 30)", "MemoryError"),
        ("open('kept.txt', 'wb', buffering=0).write(b'x')", "OSError: [Errno 27] File too large"),
    ],
)
def test_the_darkroom_has_no_memory_to_waste_and_no_paper_to_write_on(
    attempt: str, answer: str, tmp_path: Path
) -> None:
    room = Path(images.__file__).parent
    code = f"import sys; sys.path.insert(0, {str(room)!r}); import darkroom; darkroom._lock_the_door(); {attempt}"

    child = subprocess.run(
        [sys.executable, "-I", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert child.returncode != 0
    assert child.stderr.strip().splitlines()[-1] == answer


def test_the_door_is_locked_before_the_picture_comes_in() -> None:
    room = Path(images.__file__).with_name("darkroom.py")
    command = [sys.executable, "-I", str(room), "PNG"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        limits = Path(f"/proc/{child.pid}/limits")
        deadline = time.monotonic() + 20
        while "Max file size             0 " not in limits.read_text() and time.monotonic() < deadline:
            time.sleep(0.01)
        locked = {line[:26].strip(): line[26:].split()[0] for line in limits.read_text().splitlines()}

    assert locked["Max address space"] == str(1 << 30)
    assert locked["Max cpu time"] == "8"
    assert locked["Max file size"] == "0"


def test_the_darkroom_does_not_know_our_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "shibboleth")
    seen = tmp_path / "seen"
    code = f"import os, pathlib; pathlib.Path({str(seen)!r}).write_text(str(os.environ)); os.abort()"
    monkeypatch.setattr(images, "_DARKROOM", darkroom_says(tmp_path, code))

    with pytest.raises(BrokenImage):
        images.renditions(encoded(field(), "JPEG"))

    assert "shibboleth" not in seen.read_text(encoding="utf-8")
