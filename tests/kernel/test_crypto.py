"""Secrets at rest."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from app.kernel.crypto import BadKeyFile, Undecipherable, Vault

ID = "141125199001011234"
OLD = Vault({1: b"a" * 32})
BOTH = Vault({1: b"a" * 32, 2: b"b" * 32})


@pytest.mark.parametrize("text", [ID, "", "堃", "x" * 10_000])
def test_what_is_sealed_opens_again(text: str) -> None:
    assert OLD.unseal(OLD.seal(text, field="id", row="7"), field="id", row="7") == text


def test_the_same_text_is_never_sealed_alike() -> None:
    assert OLD.seal(ID, field="id", row="7") != OLD.seal(ID, field="id", row="7")
    assert ID.encode() not in OLD.seal(ID, field="id", row="7")


@pytest.mark.parametrize(("field", "row"), [("card", "7"), ("id", "8")])
def test_a_value_moved_to_another_field_or_row_does_not_open(field: str, row: str) -> None:
    with pytest.raises(Undecipherable):
        OLD.unseal(OLD.seal(ID, field="id", row="7"), field=field, row=row)


@pytest.mark.parametrize("place", [0, 1, 2, 13, 14, 30, -1])
def test_a_flipped_bit_anywhere_does_not_open(place: int) -> None:
    sealed = bytearray(OLD.seal(ID, field="id", row="7"))
    sealed[place] ^= 1

    with pytest.raises(Undecipherable):
        OLD.unseal(bytes(sealed), field="id", row="7")


@pytest.mark.parametrize("sealed", [b"", b"\0", b"\0\1", b"\0\1" + b"x" * 12, b"\0\1short"])
def test_a_stump_does_not_open(sealed: bytes) -> None:
    with pytest.raises(Undecipherable):
        OLD.unseal(sealed, field="id", row="7")


def test_the_newest_key_seals_and_every_key_opens() -> None:
    before = OLD.seal(ID, field="id", row="7")

    assert BOTH.unseal(before, field="id", row="7") == ID
    with pytest.raises(Undecipherable):
        OLD.unseal(BOTH.seal(ID, field="id", row="7"), field="id", row="7")


def test_equal_texts_of_one_field_have_one_index_also_after_a_new_key() -> None:
    assert OLD.blind_index(ID, field="id") == BOTH.blind_index(ID, field="id")


def test_an_index_tells_nothing_across_fields_or_without_the_key() -> None:
    others = {
        OLD.blind_index(ID, field="card"),
        OLD.blind_index(ID + "1", field="id"),
        Vault({1: b"c" * 32}).blind_index(ID, field="id"),
    }

    assert OLD.blind_index(ID, field="id") not in others
    assert len(others) == 3


def test_a_new_key_file_is_its_owners_alone_and_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "pii.key"
    Vault.create(path)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(Vault.open(path).keys[1]) == 32
    with pytest.raises(FileExistsError):
        Vault.create(path)


@pytest.mark.parametrize(
    "content", ["", "\n", "1:", "1:zz", "x:" + "a" * 64, "1:" + "a" * 62, "a" * 64, "1:" + "a" * 66]
)
def test_a_key_file_that_holds_no_key_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "pii.key"
    path.write_text(content)

    with pytest.raises(BadKeyFile):
        Vault.open(path)


def test_a_missing_key_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadKeyFile, match="nowhere"):
        Vault.open(tmp_path / "nowhere")


def test_no_key_is_shown_when_a_vault_is_printed() -> None:
    assert "aaaa" not in repr(OLD)
