"""Secrets at rest: AES-GCM with the key outside the database, and a keyed hash for equality."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_KEY_BYTES = 32
_NONCE_BYTES = 12


class BadKeyFile(ValueError):
    """The key file is missing, empty or malformed."""


class Undecipherable(ValueError):
    """The stored value does not belong to this key, field or row."""


@dataclass(frozen=True, slots=True)
class Vault:
    """Encrypts single fields. `keys` by id; the newest id encrypts, every id decrypts."""

    keys: dict[int, bytes] = field(repr=False)

    @classmethod
    def open(cls, path: Path) -> Vault:
        """Read lines `id:hex` from a key file. Raises `BadKeyFile`."""
        try:
            pairs = [line.split(":", 1) for line in path.read_text().split() if line]
            keys = {int(number): bytes.fromhex(key) for number, key in pairs}
        except (OSError, ValueError) as error:
            raise BadKeyFile(f"PII_KEY_FILE: cannot read {path}") from error
        if not keys or any(len(key) != _KEY_BYTES for key in keys.values()):
            raise BadKeyFile(f"PII_KEY_FILE: {path} needs lines of id:64 hex digits")
        return cls(keys)

    @staticmethod
    def create(path: Path) -> None:
        """Write a first key, readable by its owner alone."""
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(f"1:{secrets.token_hex(_KEY_BYTES)}\n")

    def seal(self, text: str, *, field: str, row: str) -> bytes:
        """Key id, nonce and ciphertext, bound to the field and the row, so that swapped values do not open."""
        number = max(self.keys)
        nonce = secrets.token_bytes(_NONCE_BYTES)
        body = AESGCM(self.keys[number]).encrypt(nonce, text.encode(), f"{number}:{field}:{row}".encode())
        return number.to_bytes(2, "big") + nonce + body

    def unseal(self, sealed: bytes, *, field: str, row: str) -> str:
        """The clear text. Raises `Undecipherable`."""
        number = int.from_bytes(sealed[:2], "big")
        nonce, body = sealed[2 : 2 + _NONCE_BYTES], sealed[2 + _NONCE_BYTES :]
        try:
            return AESGCM(self.keys[number]).decrypt(nonce, body, f"{number}:{field}:{row}".encode()).decode()
        except (KeyError, InvalidTag, ValueError) as error:
            raise Undecipherable(field) from error

    def blind_index(self, text: str, *, field: str) -> str:
        """A keyed hash, equal for equal texts of one field and useless without the key; the oldest key makes it."""
        key = hmac.digest(self.keys[min(self.keys)], f"blind:{field}".encode(), hashlib.sha256)
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
