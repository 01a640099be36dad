"""A full disk, a kill and a power cut leave whole files or none."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.gateways.storage import MediaFull, MediaStore, MediaUnavailable

ROOT = Path(__file__).parents[2]
KEY = "packs/7f3a91c2/full.jpg"
PHOTO = b"\xff\xd8\xff" + bytes(300_000)


def files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def store(tmp_path: Path) -> MediaStore:
    return MediaStore(str(tmp_path))


ON_A_SMALL_DISK = f"""
import resource, sys
from app.gateways.storage import MediaFull, MediaStore

store = MediaStore(sys.argv[1])
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
try:
    store.put({KEY!r}, bytes(300_000), "image/jpeg")
except MediaFull as refusal:
    print(refusal.status, refusal.code, store.keys(), store.exists({KEY!r}))
resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
"""
THEN_WITH_ROOM = f"""
store.put({KEY!r}, bytes(300_000), "image/jpeg")
print(len(store.get({KEY!r})))
"""


def run(code: str, folder: Path) -> list[str]:
    child = subprocess.run(
        [sys.executable, "-c", code, str(folder)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return child.stdout.splitlines()


def test_a_photo_that_outgrows_the_disk_leaves_nothing_behind(tmp_path: Path) -> None:
    assert run(ON_A_SMALL_DISK, tmp_path) == ["507 media_full [] False"]

    assert files_in(tmp_path) == []


def test_once_there_is_room_the_photo_is_stored(tmp_path: Path) -> None:
    assert run(ON_A_SMALL_DISK + THEN_WITH_ROOM, tmp_path)[-1] == "300000"

    assert files_in(tmp_path) == [KEY]


@pytest.mark.parametrize("step", ["fsync", "replace", "open"])
@pytest.mark.parametrize(
    ("number", "refusal"),
    [
        (errno.ENOSPC, MediaFull),
        (errno.EDQUOT, MediaFull),
        (errno.EIO, MediaUnavailable),
        (errno.EROFS, MediaUnavailable),
    ],
)
def test_a_disk_that_refuses_at_any_step_leaves_the_older_file(
    step: str,
    number: int,
    refusal: type[MediaFull | MediaUnavailable],
    store: MediaStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store.put(KEY, b"older", "image/jpeg")

    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr("builtins.open" if step == "open" else f"os.{step}", refuse)
        with pytest.raises(refusal):
            store.put(KEY, PHOTO, "image/jpeg")

    assert files_in(tmp_path) == [KEY]
    assert store.get(KEY) == b"older"
    store.put(KEY, PHOTO, "image/jpeg")
    assert store.get(KEY) == PHOTO


def test_the_bytes_are_on_disk_before_the_name_and_the_name_before_the_answer(
    store: MediaStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    flush, rename = os.fsync, os.replace

    def note_flush(handle: int) -> None:
        path = Path(os.readlink(f"/proc/self/fd/{handle}"))
        steps.append(f"flush {path.relative_to(tmp_path)}" if path.is_dir() else f"flush {path.stat().st_size}")
        flush(handle)

    def note_rename(source: Path, target: Path) -> None:
        steps.append("rename")
        rename(source, target)

    monkeypatch.setattr(os, "fsync", note_flush)
    monkeypatch.setattr(os, "replace", note_rename)
    store.put(KEY, PHOTO, "image/jpeg")

    assert steps == [
        "flush .",
        "flush packs",
        f"flush {len(PHOTO)}",
        "rename",
        "flush packs/7f3a91c2",
    ]


def test_a_file_left_unfinished_by_a_kill_is_neither_listed_nor_served(store: MediaStore, tmp_path: Path) -> None:
    store.put("packs/whole.jpg", PHOTO, "image/jpeg")
    (tmp_path / "packs" / "half.jpg#00ff").write_bytes(PHOTO[:100])

    assert store.keys() == ["packs/whole.jpg"]
    assert not store.exists("packs/half.jpg")
    assert not store.exists("packs/half.jpg#00ff")


STORING_WITHOUT_END = """
import sys
from app.gateways.storage import MediaStore

store = MediaStore(sys.argv[1])
for number in range(100_000):
    store.put(f"packs/{number}.jpg", bytes(500_000), "image/jpeg")
    print(number, flush=True)
"""


@pytest.mark.parametrize("seconds", [0.05, 0.11, 0.17])
def test_a_killed_process_leaves_only_whole_files_and_every_one_it_answered_for(seconds: float, tmp_path: Path) -> None:
    command = [sys.executable, "-c", STORING_WITHOUT_END, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        answered = [int(child.stdout.readline())]
        time.sleep(seconds)
        child.kill()
        answered += [int(line) for line in child.stdout.read().splitlines() if line]

    store = MediaStore(str(tmp_path))
    stored = store.keys()
    assert {f"packs/{number}.jpg" for number in answered} <= set(stored)
    assert {len(store.get(key)) for key in stored} == {500_000}
