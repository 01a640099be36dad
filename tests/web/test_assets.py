"""The static files that go out: compressed, and never an old one under a new name."""

import gzip
import threading
from pathlib import Path

from flask import Flask

from app.web import assets

STATIC = Path(__file__).parents[2] / "static"


def a_folder(at: Path, css: str) -> Path:
    (at / "css").mkdir(parents=True, exist_ok=True)
    (at / "css" / "site.css").write_text(css)
    (at / "seal.png").write_bytes(b"small")
    return at


def test_a_style_sheet_has_a_compressed_twin_that_says_the_same(tmp_path: Path) -> None:
    css = ".card { color: red }\n" * 100
    folder = assets.packed(a_folder(tmp_path / "static", css), into=tmp_path / "packed")

    assert gzip.decompress((folder / "css/site.css.gz").read_bytes()).decode() == css
    assert (folder / "css/site.css").read_text() == css
    assert not (folder / "seal.png.gz").exists()


def test_a_changed_style_sheet_is_packed_anew(tmp_path: Path) -> None:
    first = assets.packed(a_folder(tmp_path / "static", ".a {}" * 200), into=tmp_path / "packed")
    second = assets.packed(a_folder(tmp_path / "static", ".b {}" * 200), into=tmp_path / "packed")

    assert gzip.decompress((second / "css/site.css.gz").read_bytes()) == b".b {}" * 200
    assert first != second


def test_processes_that_start_together_agree_on_one_folder(tmp_path: Path) -> None:
    static, into = a_folder(tmp_path / "static", ".a {}" * 200), tmp_path / "packed"
    found: list[Path] = []
    threads = [threading.Thread(target=lambda: found.append(assets.packed(static, into=into))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [found[0]] * 8
    assert list(into.iterdir()) == [found[0]]


def test_the_style_sheet_comes_compressed_to_whoever_takes_it(assembled: Flask) -> None:
    client = assembled.test_client()
    plain = client.get("/static/css/site.css")
    zipped = client.get("/static/css/site.css", headers={"Accept-Encoding": "gzip"})

    assert plain.data == (STATIC / "css/site.css").read_bytes()
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(zipped.data) == plain.data
    assert len(zipped.data) * 3 < len(plain.data)
