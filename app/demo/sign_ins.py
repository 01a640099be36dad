"""The passwords with which a visitor plays the demo county's people; they lie in one file and nowhere else."""

from __future__ import annotations

import os
import secrets
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from app.demo.cast import BY, PARTS
from app.people.accounts import queries as accounts_queries
from app.people.accounts import service as accounts

FILE_NAME: Final = "demo-sign-ins.txt"
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz"
_DIGITS: Final = "23456789"


def new_passwords() -> dict[str, str]:
    """A password for each of the people whom a visitor can play: 80 bits, signs that cannot be mistaken."""
    return {part.key: _password() for part in PARTS}


def renew() -> dict[str, str]:
    """The people whom a visitor can play have new passwords, inside the caller's transaction."""
    fresh = new_passwords()
    for part in PARTS:
        person = accounts_queries.by_phone(part.phone)
        if person is not None:
            accounts.set_password(person.id, fresh[part.key], by=BY, because="示例账号的密码文件不在了")
    return fresh


def write(path: Path, passwords: Mapping[str, str]) -> str:
    """The table stands in the file, readable by its owner alone; the table."""
    table = _table(passwords)
    unfinished = path.with_name(f"{path.name}.new")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
        file.write(table)
    unfinished.replace(path)
    return table


def _password() -> str:
    def some(signs: str, length: int) -> str:
        return "".join(secrets.choice(signs) for _ in range(length))

    # Of three kinds and far above twelve signs, as staff must have.
    return f"{some(_LETTERS, 5).capitalize()}-{some(_LETTERS, 5)}-{some(_LETTERS, 5)}-{some(_DIGITS, 4)}"


def _table(passwords: Mapping[str, str]) -> str:
    rows = [("身份", "手机号", "密码", "看什么")]
    rows += [(part.words, part.phone, passwords[part.key], f"{part.name}：{part.look}") for part in PARTS]
    widths = [max(_width(row[column]) for row in rows) + 2 for column in range(3)]
    lines = ["示例县的登录账号（人都是虚构的；密码只写在这里，删掉这个文件再运行 flask demo 会换新密码）", ""]
    lines += ["".join(_padded(cell, width) for cell, width in zip(row, widths, strict=False)) + row[3] for row in rows]
    return "\n".join(lines) + "\n"


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)
