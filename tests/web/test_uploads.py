"""What people send as photos, at the doors: known by content, drawn anew, kept under our names, counted, and private.

Source: U1 to U8 of the table of provoked faults; what the decoder itself withstands stands in `tests/gateways`.
"""

from __future__ import annotations

import io
import time

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import delete, select
from werkzeug.test import TestResponse

from app.kernel.db import session, transaction
from app.kernel.permissions import Viewer
from app.people.accounts import service as accounts
from app.people.accounts import uploads
from app.people.accounts.attempts import Kind
from app.people.accounts.errors import TooManyBytesSent, TooManyPhotosSent
from app.people.accounts.models import Attempt, RoleGrant
from app.trade.catalog import media
from app.trade.catalog.models import Pack
from app.trade.complaints.models import Complaint
from app.web.security import MOST_BYTES
from tests.cast import an_order_of, at, later, pay
from tests.files import hostile
from tests.files.pictures import encoded, field, phone_exif
from tests.web.browsing import PageForm, form_to, signed_in

NAMES = {
    "climbs": "../../../../etc/passwd.jpg",
    "climbs in disguise": "%2e%2e%2f%2e%2e%2fwsgi.py",
    "ends in NUL": "photo.jpg\0.html",
    "is a device": "CON.jpg",
    "never ends": "枣" * 300 + ".jpg",
    "reads backwards": "photo\u202egpj.exe",
    "has quotes": 'a";filename="b.html',
    "has a new line": "a\r\nX-Evil: 1.jpg",
    "is a picture": "🍎.jpg",
    "is a script": "<script>alert(1)</script>.jpg",
}


def a_photo(**more: object) -> bytes:
    return encoded(field(), "JPEG", **more)


@pytest.fixture
def seller(app: Flask, wang: Viewer) -> FlaskClient:
    return signed_in(app, wang)


def form_of(seller: FlaskClient, pack: Pack) -> PageForm:
    return form_to(seller, f"/grower/listings/{pack.slug}", f"/grower/listings/{pack.slug}/photo")


def show(seller: FlaskClient, pack: Pack, photo: bytes, name: str = "photo.jpg") -> TestResponse:
    """The seller sends a new picture of his pack."""
    form = form_of(seller, pack)
    data = {**form.fields, "photo": (io.BytesIO(photo), name)}
    return seller.post(form.action, data=data, content_type="multipart/form-data")


def stored() -> list[str]:
    session().rollback()
    return list(media.store().keys("packs"))


@pytest.mark.parametrize(
    ("lie", "status"),
    [
        *[(hostile.flood(side), 422) for side in (9000, 12000, 20000)],
        *[(data, 415) for data in hostile.other_kinds().values()],
        (b"<!doctype html><script>alert(1)</script>", 415),
        (b"%PDF-1.7 ", 415),
    ],
)
def test_floods_of_pixels_and_what_is_no_photo_are_refused_in_words_and_leave_nothing(
    seller: FlaskClient, gift_box: Pack, lie: bytes, status: int
) -> None:
    """U1, U2: limits before decoding, and the kind by content, whatever the name says."""
    began = time.monotonic()
    reply = show(seller, gift_box, lie)

    assert reply.status_code == status
    assert 'role="alert"' in reply.text
    assert time.monotonic() - began < 5
    assert stored() == []


@pytest.mark.parametrize("place", hostile.two_natures())
def test_what_is_served_of_a_photo_with_two_natures_is_a_picture_and_nothing_else(
    seller: FlaskClient, gift_box: Pack, client: FlaskClient, place: str
) -> None:
    """U3: drawn anew, with a media type of its own that browsers may not guess, in a sandbox that runs nothing."""
    assert show(seller, gift_box, hostile.two_natures()[place], "page.html").status_code == 303

    for key in stored():
        served = client.get(f"/media/{key}")
        assert served.content_type in ("image/webp", "image/jpeg")
        assert served.headers["X-Content-Type-Options"] == "nosniff"
        assert served.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert not any(sign in served.data for sign in (b"script", b"%PDF", b"PK\x03\x04"))


def test_where_a_photo_was_taken_is_served_to_nobody(seller: FlaskClient, gift_box: Pack, client: FlaskClient) -> None:
    """U4: no original is kept, and nothing of its EXIF."""
    assert show(seller, gift_box, a_photo(exif=phone_exif())).status_code == 303

    assert len(stored()) == 3
    for key in stored():
        assert not Image.open(io.BytesIO(client.get(f"/media/{key}").data)).getexif()


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_nothing_of_the_name_that_a_photo_came_with_is_kept(
    seller: FlaskClient, gift_box: Pack, client: FlaskClient, name: str
) -> None:
    """U5: stored under a random name of ours."""
    reply = show(seller, gift_box, a_photo(), name)

    # A line break ends the header that the name stands in, so no file came.
    assert reply.status_code == (422 if "\n" in name else 303)
    keys = stored()
    assert len(keys) == (0 if "\n" in name else 3)
    for key in keys:
        assert key.isascii()
        assert not any(part in key.lower() for part in ("passwd", "..", "%", "con.", "script", "photo", "evil", "html"))
        assert "X-Evil" not in client.get(f"/media/{key}").headers


def test_the_sixty_first_photo_within_an_hour_is_refused_with_when_to_come_back(
    seller: FlaskClient, gift_box: Pack, wang: Viewer
) -> None:
    """U6: a quota of photos for each person, which holds on every machine."""
    for _ in range(uploads.PHOTOS.limits[0][0]):
        uploads.count(b"x", by=wang)
    before = stored()

    reply = show(seller, gift_box, a_photo())

    assert (reply.status_code, reply.headers["Retry-After"]) == (429, "3600")
    assert "一小时最多 60 张" in reply.text
    assert stored() == before
    with at(later(hours=1, seconds=1)):
        uploads.count(b"x", by=wang)


@pytest.mark.parametrize(("kind", "window"), [(uploads.PHOTOS, 1), (uploads.MEGABYTES, 1)], ids=["photos", "bytes"])
def test_a_day_has_its_own_bound(wang: Viewer, li: Viewer, kind: Kind, window: int) -> None:
    """U6."""
    most, _ = kind.limits[window]
    moment = later(hours=-2)
    with transaction() as current:
        subject = f"person:{wang.person_id}"
        current.add_all(Attempt(kind=kind.key, subject=subject, at=moment) for _ in range(most))

    with pytest.raises((TooManyPhotosSent, TooManyBytesSent)):
        uploads.count(b"x", by=wang)
    uploads.count(b"x", by=li)
    with transaction() as current:
        current.execute(delete(Attempt).where(Attempt.kind == kind.key))
    uploads.count(b"x", by=wang)


def test_a_body_above_the_cap_is_refused_before_it_is_read(seller: FlaskClient, gift_box: Pack) -> None:
    """U6, U8: by the length that it claims."""
    form = form_of(seller, gift_box)
    began = time.process_time()

    reply = seller.post(form.action, data={**form.fields, "photo": (io.BytesIO(b"x" * (MOST_BYTES + 1)), "big.jpg")})

    assert reply.status_code == 413
    assert "12 MB" in reply.text
    assert time.process_time() - began < 2


def bodies() -> dict[str, tuple[bytes, str]]:
    """Multipart bodies that cost their reader more than their sender, with their content types."""
    plain = "multipart/form-data; boundary=b"
    part = b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n1\r\n'
    field_of = b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n'
    nested = b'--b\r\nContent-Type: multipart/mixed; boundary=c\r\nContent-Disposition: form-data; name="x"\r\n\r\n'
    return {
        "1001 parts": (part * 1001 + b"--b--\r\n", plain),
        "15 MB in a field that is no file": (field_of + b"1" * 15_000_000 + b"\r\n--b--\r\n", plain),
        "carriage returns alone": (field_of + b"\r" * 15_000_000, plain),
        "boundaries within boundaries": (nested * 2000 + b"--b--\r\n", plain),
        "no boundary": (part, "multipart/form-data"),
        "a boundary that never ends": (part, "multipart/form-data; boundary=" + "b" * 5000),
    }


@pytest.mark.parametrize("name", bodies())
def test_a_body_in_many_parts_is_refused_quickly(seller: FlaskClient, gift_box: Pack, name: str) -> None:
    """U8: CVE-2023-25577, CVE-2023-46136, CVE-2024-49767."""
    form = form_of(seller, gift_box)
    body, kind = bodies()[name]
    began = time.process_time()

    reply = seller.post(form.action, data=body, content_type=kind)

    assert reply.status_code in (400, 403, 413)
    assert time.process_time() - began < 1.5
    assert stored() == []


def test_a_body_that_is_shorter_than_it_says_is_refused(seller: FlaskClient, gift_box: Pack) -> None:
    """U6: a wrong Content-Length."""
    form = form_of(seller, gift_box)
    part = b'--b\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n' + form.fields["csrf_token"].encode()

    reply = seller.post(
        form.action,
        data=part,
        content_type="multipart/form-data; boundary=b",
        environ_overrides={"CONTENT_LENGTH": "1000000"},
    )

    assert reply.status_code in (400, 403)
    assert stored() == []


def test_who_may_read_a_complaint_no_more_finds_its_photo_no_more(
    app: Flask, gift_box: Pack, li: Viewer, hu: Viewer, zhao: Viewer, qian: Viewer, zhou: Viewer
) -> None:
    """U7: 404 for strangers, for guessed names, and for an official from the moment in which his role ends."""
    order = an_order_of(1, gift_box, buyer=li)
    pay(order, by=qian)
    buyer, official = signed_in(app, li), signed_in(app, zhao)
    here = f"/orders/{order.number}/complaint"
    form = form_to(buyer, here, here)
    data = {**form.fields, "kind": "spoilt", "words": "收到时有几颗坏了", "photos": [(io.BytesIO(a_photo()), "x.jpg")]}
    assert buyer.post(here, data=data, content_type="multipart/form-data").status_code == 303
    number = session().scalars(select(Complaint.number)).one()
    url = f"/complaints/{number}/photos/1"

    seen = official.get(url)
    assert (seen.status_code, seen.headers["Cache-Control"]) == (200, "private, no-store")
    assert signed_in(app, hu).get(url).status_code == 404
    guessed = number[:-1] + ("Y" if number.endswith("X") else "X")
    assert official.get(f"/complaints/{guessed}/photos/1").status_code == 404

    grant = session().scalars(select(RoleGrant.id).where(RoleGrant.person_id == zhao.person_id)).one()
    with transaction():
        accounts.revoke(grant, by=zhou, because="调离本县")
    assert official.get(url).status_code == 404
