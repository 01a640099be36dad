"""The certificate of a lot 承诺达标合格证: written here and printed in two copies, or a photo or PDF that came with it.

Source: 农产品质量安全法 38, 39. Whether dried jujubes fall under it is not confirmed, so a lot may be without one.
The file lies in the media store under a name that the shop never serves; the lot keeps its SHA-256.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import select

from app import audit
from app.gateways.images import Renditions
from app.gateways.storage import media_type_of
from app.kernel import clock, ids
from app.kernel.checks import Check, Finding
from app.kernel.db import session
from app.kernel.errors import BadValue, NotFound
from app.kernel.weight import Weight
from app.trade.catalog import media
from app.trade.lots.models import Lot

PROMISE = "承诺不使用禁用农药兽药、停用兽药和非法添加物，常规农药兽药残留不超标，对承诺的真实性负责。"
MOST_BYTES = 5_000_000


class BadCertificateFile(BadValue):
    """Neither a photo nor a PDF of up to 5 MB."""

    code = "bad_certificate_file"
    sentence = "请传合格证的照片，或不超过 5 MB 的 PDF。"


@dataclass(frozen=True, slots=True)
class Certificate:
    """What the law wants on it: product, weight, who grew it and where, contact, day, promise, with its number."""

    number: str
    product: str
    grams: int
    grower: str
    place: str
    contact: str
    day: str
    promise: str = PROMISE

    @property
    def weight(self) -> Weight:
        """The weight for which it stands."""
        return Weight(self.grams)

    @property
    def issued_on(self) -> date:
        """The day on which it was given."""
        return date.fromisoformat(self.day)


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that is stored, before a lot names it."""

    number: str
    key: str
    sha256: str


def written(lot: Lot, *, product: str, grower: str, place: str, contact: str) -> Kept:
    """Store a certificate for the whole lot, dated today, outside any transaction; `give` then names it."""
    number = ids.public_number("Z")
    said = Certificate(number, product, lot.weight_in.grams, grower, place, contact, clock.today().isoformat())
    data = json.dumps(asdict(said), ensure_ascii=False, sort_keys=True).encode()
    return _kept(number, data, ending="json")


def photographed(picture: Renditions, *, number: str = "") -> Kept:
    """Store the photo of a paper certificate, outside any transaction."""
    return _kept(number, picture.full.data, ending="jpg")


def sent_as_pdf(data: bytes, *, number: str = "") -> Kept:
    """Store a certificate that came as a PDF, outside any transaction. Raises `BadCertificateFile`."""
    if not data.startswith(b"%PDF-") or len(data) > MOST_BYTES:
        raise BadCertificateFile(field="file")
    return _kept(number, data, ending="pdf")


def _kept(number: str, data: bytes, *, ending: str) -> Kept:
    key = f"certificates/{ids.code(24).lower()}.{ending}"
    media.store().put(key, data, media_type_of(key))
    return Kept(number, key, hashlib.sha256(data).hexdigest())


def discard(kept: Kept) -> None:
    """Take a file out again that no lot will name."""
    media.store().delete(kept.key)


def give(lot: Lot, kept: Kept, *, by: str) -> None:
    """The lot has this certificate; an earlier one stays in the store, and the audit knows it."""
    audit.note(
        "lots.certified", f"lot:{lot.code}", by=by, number=kept.number, sha256=kept.sha256, before=lot.certificate_key
    )
    lot.certificate_no, lot.certificate_key, lot.certificate_sha256 = kept.number, kept.key, kept.sha256
    session().flush()


def certificate_of(lot: Lot) -> Certificate | None:
    """What was written here for the lot; None where there is none, or a photo or PDF that came with it."""
    if lot.certificate_key is None or not lot.certificate_key.endswith(".json"):
        return None
    return Certificate(**json.loads(media.store().get(lot.certificate_key)))


def file_of(lot: Lot) -> tuple[bytes, str]:
    """The photo or PDF and its media type. Raises `NotFound` where there is none."""
    if lot.certificate_key is None or lot.certificate_key.endswith(".json"):
        raise NotFound()
    return media.store().get(lot.certificate_key), media_type_of(lot.certificate_key)


def _files() -> Iterator[Finding]:
    """V15: every certificate that a lot names is stored, and is the one that was given."""
    for lot in session().scalars(select(Lot).where(Lot.certificate_key.is_not(None))):
        try:
            data = media.store().get(lot.certificate_key or "")
        except NotFound:
            yield Finding(f"lot {lot.code}", "its certificate is missing")
            continue
        if hashlib.sha256(data).hexdigest() != lot.certificate_sha256:
            yield Finding(f"lot {lot.code}", "is not the certificate that was given")


CHECKS = (Check("V15-certificates", "每张合格证的文件都在且没有被改", _files),)
