"""A malformed setting stops the start with one clear line."""

from pathlib import Path

import pytest

from config import BadSetting, Settings


def sms_url(given: str, folder: Path) -> str | None:
    return Settings.from_env({"INSTANCE_DIR": str(folder), "SMS_URL": given}).sms_url


@pytest.mark.parametrize(
    "given",
    [
        "https://token@sms.example.cn/texts?v=1",
        "http://token@127.0.0.1:9000/",
        "http://token@10.1.2.3",
        "http://token@localhost/",
    ],
)
def test_a_provider_of_texts_is_an_address_with_a_token(given: str, tmp_path: Path) -> None:
    assert sms_url(given, tmp_path) == given


def test_without_a_provider_texts_go_to_the_log(tmp_path: Path) -> None:
    assert sms_url("", tmp_path) is None


@pytest.mark.parametrize(
    "given",
    [
        "x",
        "ftp://token@sms.example.cn/",
        "https://sms.example.cn/",
        "https://user:word@sms.example.cn/",
        "https://token@/path",
        "https://token@sms.example.cn:port/",
        "https://token@sms.example.cn:99999/",
        "https://token@sms.example.cn/#here",
        "https://令牌@sms.example.cn/",
        "https://to ken@sms.example.cn/",
        "https://token@sms.example.cn/\r\nX: y",
        "https://token@[::1/",
        "http://token@sms.example.cn/",
        "http://token@8.8.8.8/",
    ],
)
def test_anything_else_stops_the_start_with_one_line(given: str, tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="设置有误 SMS_URL：") as stopped:
        sms_url(given, tmp_path)

    assert "\n" not in str(stopped.value)
    assert "token" not in str(stopped.value)
