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


def mail_url(given: str, folder: Path) -> str | None:
    return Settings.from_env({"INSTANCE_DIR": str(folder), "MAIL_URL": given}).mail_url


@pytest.mark.parametrize(
    "given",
    [
        "smtps://county:p%40ss@mail.example.cn:465?from=noreply@zao.example.cn",
        "smtp://county:word@mail.example.cn/?from=noreply@zao.example.cn",
        "smtp://localhost:25?from=county@localhost",
        "smtp://[::1]:2525?from=a@b.example",
    ],
)
def test_a_mail_server_is_an_address_with_a_sender(given: str, tmp_path: Path) -> None:
    assert mail_url(given, tmp_path) == given


def test_without_a_mail_server_mails_go_to_the_log(tmp_path: Path) -> None:
    assert mail_url("", tmp_path) is None


@pytest.mark.parametrize(
    "given",
    [
        "x",
        "http://county:word@mail.example.cn?from=a@b.example",
        "smtp://mail.example.cn",
        "smtp://mail.example.cn?from=",
        "smtp://mail.example.cn?from=nobody",
        "smtp://mail.example.cn?from=a@b.example,c@d.example",
        "smtp://mail.example.cn?from=a@b.example%0d%0aBcc:c@d.example",
        "smtp://mail.example.cn?from=a@b.example%0a",
        "smtp://mail.example.cn?from=a@b.example&from=c@d.example",
        "smtp://mail.example.cn?from=a@b.example&x=y",
        "smtp://county@mail.example.cn?from=a@b.example",
        "smtp://:word@mail.example.cn?from=a@b.example",
        "smtp://county:w%0ard@mail.example.cn?from=a@b.example",
        "smtp://county:word@?from=a@b.example",
        "smtp://county:word@mail.example.cn:port?from=a@b.example",
        "smtp://county:word@mail.example.cn:99999?from=a@b.example",
        "smtp://county:word@mail.example.cn/box?from=a@b.example",
        "smtp://county:word@mail.example.cn?from=a@b.example#here",
        "smtp://县:word@mail.example.cn?from=a@b.example",
        "smtp://county:wo rd@mail.example.cn?from=a@b.example",
        "smtp://county:word@[::1?from=a@b.example",
    ],
)
def test_any_other_mail_server_stops_the_start_with_one_line(given: str, tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="设置有误 MAIL_URL：") as stopped:
        mail_url(given, tmp_path)

    assert "\n" not in str(stopped.value)
    assert "word" not in str(stopped.value)
