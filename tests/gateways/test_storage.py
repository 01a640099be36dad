"""The media store, once over a folder and once over a bucket."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.gateways.storage import MediaFull, MediaStore, MediaUnavailable, media_type_of
from app.kernel.errors import NotFound
from tests.gateways.bucket import Bucket

KEY = "packs/7f3a91c2/list.webp"
PHOTO = b"RIFF the fruit of the date tree"


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    with Bucket() as bucket:
        monkeypatch.setenv("AWS_ENDPOINT_URL", bucket.endpoint)
        monkeypatch.setenv("AWS_REGION", "us-east-1")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "liulin")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "liulin")
        yield bucket


@pytest.fixture(params=["folder", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> MediaStore:
    if request.param == "folder":
        return MediaStore(str(tmp_path / "media"))
    request.getfixturevalue("bucket")
    return MediaStore("s3://media")


def test_what_is_stored_comes_back_whole(store: MediaStore) -> None:
    store.put(KEY, PHOTO, "image/webp")

    assert store.get(KEY) == PHOTO
    assert store.exists(KEY)


def test_storing_again_replaces(store: MediaStore) -> None:
    store.put(KEY, b"older and longer than the other", "image/webp")

    store.put(KEY, b"newer", "image/webp")

    assert store.get(KEY) == b"newer"


def test_an_empty_file_is_a_file(store: MediaStore) -> None:
    store.put("exports/empty.csv", b"", "text/csv")

    assert store.exists("exports/empty.csv")
    assert store.get("exports/empty.csv") == b""


def test_what_was_never_stored_is_not_found(store: MediaStore) -> None:
    assert not store.exists(KEY)
    with pytest.raises(NotFound):
        store.get(KEY)


def test_deleting_removes_one_file_and_may_be_repeated(store: MediaStore) -> None:
    store.put(KEY, PHOTO, "image/webp")
    store.put("packs/7f3a91c2/page.webp", PHOTO, "image/webp")

    store.delete(KEY)
    store.delete(KEY)

    assert store.keys() == ["packs/7f3a91c2/page.webp"]


def test_keys_are_listed_in_order_by_whole_folders(store: MediaStore) -> None:
    for key in ("packs/b.webp", "packsaddle/c.webp", "packs/a/z.webp", "top.webp"):
        store.put(key, PHOTO, "image/webp")

    assert store.keys() == ["packs/a/z.webp", "packs/b.webp", "packsaddle/c.webp", "top.webp"]
    assert store.keys("packs") == store.keys("packs/") == ["packs/a/z.webp", "packs/b.webp"]
    assert store.keys("lots") == []


STRANGE = [
    "",
    "/",
    ".",
    "..",
    "../secret.webp",
    "packs/../../secret.webp",
    "packs/..webp",
    "packs/a..webp",
    "/etc/hosts.webp",
    "packs//a.webp",
    "packs/a.webp/",
    "packs/./a.webp",
    "packs/.hidden.webp",
    "packs/a.webp/b.webp",
    "packs/a",
    "packs\\a.webp",
    "packs/%2e%2e/a.webp",
    "packs/A.webp",
    "packs/枣.webp",
    "packs/a\0.webp",
    "packs/a.webp\n",
    "packs/a.webp#0011",
    "packs/a b.webp",
    "a" * 196 + ".webp",
    "a/" * 150 + "a.webp",
]


@pytest.mark.parametrize("key", STRANGE)
def test_a_strange_key_is_never_there_and_nothing_is_stored_under_it(key: str, store: MediaStore) -> None:
    assert not store.exists(key)
    with pytest.raises(NotFound):
        store.get(key)
    with pytest.raises(NotFound):
        store.delete(key)
    with pytest.raises(ValueError, match="not a media key"):
        store.put(key, PHOTO, media_type_of(key))


def test_a_file_beside_the_folder_cannot_be_reached(tmp_path: Path) -> None:
    (tmp_path / "secret.webp").write_bytes(b"key")
    store = MediaStore(str(tmp_path / "media"))

    with pytest.raises(NotFound):
        store.get("../secret.webp")
    with pytest.raises(ValueError, match="not a media folder"):
        store.keys("..")


def test_a_file_is_not_stored_under_an_ending_that_would_serve_it_as_something_else(store: MediaStore) -> None:
    with pytest.raises(ValueError, match="would be served as"):
        store.put("packs/a.webp", b"<html>", "text/html")


@pytest.mark.parametrize(
    ("key", "media_type"),
    [
        ("a/list.webp", "image/webp"),
        ("a/full.jpg", "image/jpeg"),
        ("a/report.pdf", "application/pdf"),
        ("a/page.html", "application/octet-stream"),
        ("a/picture.svg", "application/octet-stream"),
    ],
)
def test_only_harmless_kinds_are_served_as_what_they_are(key: str, media_type: str) -> None:
    assert media_type_of(key) == media_type


def test_a_folder_may_be_given_as_a_url(tmp_path: Path) -> None:
    MediaStore(f"file://{tmp_path}/red%20dates").put("a.webp", PHOTO, "image/webp")

    assert (tmp_path / "red dates" / "a.webp").read_bytes() == PHOTO


def test_nobody_else_on_the_machine_looks_into_the_folder(tmp_path: Path) -> None:
    MediaStore(str(tmp_path / "media")).put(KEY, PHOTO, "image/webp")

    assert (tmp_path / "media").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "media" / "packs").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("url", ["", "s3://", "http://bucket/media", "file://host/media", "ftp://x/y"])
def test_any_other_address_stops_the_start(url: str) -> None:
    with pytest.raises(ValueError, match="MEDIA_URL must be"):
        MediaStore(url)


def test_a_bucket_keeps_the_prefix_and_the_media_type(bucket: Bucket) -> None:
    store = MediaStore("s3://media/liulin")

    store.put("a.webp", PHOTO, "image/webp")

    assert bucket.objects == {"liulin/a.webp": (PHOTO, "image/webp")}
    assert store.keys() == ["a.webp"]


def test_a_bucket_without_room_says_that_it_is_full(bucket: Bucket) -> None:
    store = MediaStore("s3://media")
    bucket.refusal = 507

    with pytest.raises(MediaFull):
        store.put(KEY, PHOTO, "image/webp")


@pytest.mark.parametrize("status", [400, 403, 500])
def test_a_bucket_that_refuses_is_unavailable(status: int, bucket: Bucket) -> None:
    store = MediaStore("s3://media")
    bucket.refusal = status

    for attempt in (
        lambda: store.put(KEY, PHOTO, "image/webp"),
        lambda: store.get(KEY),
        lambda: store.exists(KEY),
        lambda: store.delete(KEY),
        lambda: store.keys(),
    ):
        with pytest.raises(MediaUnavailable):
            attempt()


def test_a_bucket_that_is_gone_is_unavailable(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")

    with pytest.raises(MediaUnavailable):
        MediaStore("s3://media").get(KEY)
