"""Settings: one frozen object, read from the environment once, at the start; a bad one stops the start."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

INSTANCE = Path(__file__).parent / "instance"


class BadSetting(SystemExit):
    """A setting is malformed or missing; the message is one clear line."""

    def __init__(self, name: str, wants: str) -> None:
        super().__init__(f"设置有误 {name}：{wants}")


@dataclass(frozen=True, slots=True)
class Settings:
    """What a county may set. The embedded default needs none of them."""

    database_url: str
    redis_url: str | None
    media_url: str
    secret_key: str
    pii_key_file: Path
    stripe_api_key: str | None
    stripe_api_base: str | None
    stripe_webhook_secrets: tuple[str, ...]
    hold_seconds: int
    transfer_hold_hours: int
    trusted_hosts: tuple[str, ...]
    public_url: str
    sms_url: str | None
    mail_url: str | None
    county_code: str
    bank: tuple[str, str, str]
    complaints_contact: str
    log_level: str
    instance: Path
    is_embedded: bool

    @property
    def is_https(self) -> bool:
        """Whether people reach us over TLS: then cookies are `__Host-`, staff need two factors, HSTS is sent."""
        return self.public_url.startswith("https://")

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> Settings:
        """Read and check every setting; `instance/` and its keys are made when they are not there.

        Raises `BadSetting`.
        """
        instance = Path(env.get("INSTANCE_DIR") or INSTANCE)
        instance.mkdir(mode=0o700, parents=True, exist_ok=True)
        public_url = _url(env, "PUBLIC_URL", "http://localhost:8000", schemes=("http", "https"))
        database_url = _database(env, instance)
        host = urlsplit(public_url).hostname or "localhost"
        return cls(
            database_url=database_url,
            redis_url=_optional_url(env, "REDIS_URL", ("redis", "rediss", "unix")),
            media_url=env.get("MEDIA_URL") or str(instance / "media"),
            secret_key=_secret_key(env, instance, is_public=public_url.startswith("https://")),
            pii_key_file=Path(env.get("PII_KEY_FILE") or instance / "pii.key"),
            stripe_api_key=_prefixed(env, "STRIPE_API_KEY", ("sk_", "rk_")),
            stripe_api_base=_optional_url(env, "STRIPE_API_BASE", ("http", "https")),
            stripe_webhook_secrets=_webhook_secrets(env),
            hold_seconds=_whole(env, "HOLD_SECONDS", 900, least=60, most=86_400),
            transfer_hold_hours=_whole(env, "TRANSFER_HOLD_HOURS", 48, least=1, most=240),
            trusted_hosts=tuple(env.get("TRUSTED_HOSTS", "").replace(",", " ").split())
            or (host, "localhost", "127.0.0.1", "[::1]"),
            public_url=public_url.rstrip("/"),
            sms_url=_sms_url(env),
            mail_url=_mail_url(env),
            county_code=_county(env),
            bank=_bank(env),
            complaints_contact=env.get("COMPLAINTS_CONTACT", ""),
            log_level=_one_of(env, "LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR")),
            instance=instance,
            is_embedded=not env.get("DATABASE_URL"),
        )


def _database(env: Mapping[str, str], instance: Path) -> str:
    given = env.get("DATABASE_URL", "")
    if not given:
        return f"sqlite:///{instance / 'liulin.db'}"
    for plain in ("postgres://", "postgresql://"):
        if given.startswith(plain):
            return "postgresql+psycopg://" + given.removeprefix(plain)
    if given.startswith(("postgresql+psycopg://", "sqlite:///")):
        return given
    raise BadSetting("DATABASE_URL", "请写 postgresql://用户:密码@主机/库名，或 sqlite:///文件路径")


def _secret_key(env: Mapping[str, str], instance: Path, *, is_public: bool) -> str:
    given = env.get("SECRET_KEY", "")
    if given:
        if len(given) < 32:
            raise BadSetting("SECRET_KEY", "至少 32 个字符")
        return given
    if is_public:
        raise BadSetting("SECRET_KEY", "对外服务（PUBLIC_URL 为 https）必须设置，至少 32 个字符")
    path = instance / "secret.key"
    if not path.exists():
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
    return path.read_text().strip()


def _url(env: Mapping[str, str], name: str, default: str, *, schemes: tuple[str, ...]) -> str:
    given = env.get(name) or default
    parts = urlsplit(given)
    if parts.scheme not in schemes or not (parts.netloc or parts.path):
        raise BadSetting(name, f"请写以 {' 或 '.join(schemes)} 开头的网址")
    return given


def _optional_url(env: Mapping[str, str], name: str, schemes: tuple[str, ...]) -> str | None:
    return _url(env, name, "", schemes=schemes) if env.get(name) else None


def _sms_url(env: Mapping[str, str]) -> str | None:
    """The provider's address with its token; over plain http only within the house, for numbers travel on it."""
    given = env.get("SMS_URL", "")
    if not given:
        return None
    wants = "请写 https://令牌@主机/路径，令牌放在 @ 前面，不带密码和 #"
    try:
        parts = urlsplit(given)
        # A port that is no number is found only by asking for it.
        is_whole = parts.scheme in ("http", "https") and bool(parts.hostname and parts.username) and parts.port != 0
    except ValueError as error:
        raise BadSetting("SMS_URL", wants) from error
    is_plain = given.isascii() and given.isprintable() and " " not in given
    if not (is_whole and is_plain) or parts.password is not None or parts.fragment:
        raise BadSetting("SMS_URL", wants)
    if parts.scheme == "http" and not _is_near(parts.hostname or ""):
        raise BadSetting("SMS_URL", "短信里有手机号，网关不在本机或内网时必须用 https")
    return given


_SENDER = re.compile(r"[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)*[A-Za-z0-9-]{1,63}", re.ASCII)


def _mail_url(env: Mapping[str, str]) -> str | None:
    """The mail server's address, with who signs in there, if anybody does, and from whom the mails come."""
    given = env.get("MAIL_URL", "")
    if not given:
        return None
    wants = "请写 smtps://用户:密码@主机:端口?from=发件邮箱（或 smtp://，用 STARTTLS），用户和密码都写或都不写"
    try:
        parts = urlsplit(given)
        # A port that is no number is found only by asking for it.
        is_whole = parts.scheme in ("smtp", "smtps") and bool(parts.hostname) and parts.port != 0
    except ValueError as error:
        raise BadSetting("MAIL_URL", wants) from error
    is_plain = given.isascii() and given.isprintable() and " " not in given
    if not (is_whole and is_plain) or parts.path not in ("", "/") or parts.fragment:
        raise BadSetting("MAIL_URL", wants)
    signs_in = [unquote(one) for one in (parts.username, parts.password) if one]
    if len(signs_in) == 1 or not all(one.isascii() and one.isprintable() for one in signs_in):
        raise BadSetting("MAIL_URL", wants)
    asked = parse_qsl(parts.query, keep_blank_values=True)
    if [name for name, _ in asked] != ["from"] or _SENDER.fullmatch(asked[0][1]) is None:
        raise BadSetting("MAIL_URL", wants)
    return given


def _is_near(host: str) -> bool:
    try:
        return ip_address(host).is_private
    except ValueError:
        return host == "localhost"


def _prefixed(env: Mapping[str, str], name: str, prefixes: tuple[str, ...]) -> str | None:
    given = env.get(name)
    if given and not given.startswith(prefixes):
        raise BadSetting(name, f"应以 {' 或 '.join(prefixes)} 开头")
    return given or None


def _webhook_secrets(env: Mapping[str, str]) -> tuple[str, ...]:
    """One secret, or two with a comma while it is being changed."""
    given = tuple(env.get("STRIPE_WEBHOOK_SECRET", "").replace(",", " ").split())
    if not all(one.startswith("whsec_") for one in given):
        raise BadSetting("STRIPE_WEBHOOK_SECRET", "应以 whsec_ 开头；换密钥期间可用逗号写两个")
    if env.get("STRIPE_API_KEY") and not given:
        raise BadSetting("STRIPE_WEBHOOK_SECRET", "设置了 STRIPE_API_KEY 就必须设置，以 whsec_ 开头")
    return given


def _whole(env: Mapping[str, str], name: str, default: int, *, least: int, most: int) -> int:
    given = env.get(name) or str(default)
    if not (given.isascii() and given.isdigit() and least <= int(given) <= most):
        raise BadSetting(name, f"请写 {least} 到 {most} 的整数")
    return int(given)


def _one_of(env: Mapping[str, str], name: str, default: str, choices: tuple[str, ...]) -> str:
    given = env.get(name) or default
    if given not in choices:
        raise BadSetting(name, f"只能是 {'、'.join(choices)}")
    return given


def _bank(env: Mapping[str, str]) -> tuple[str, str, str]:
    """Holder, bank and number of the account to which buyers transfer; an example where the county set none."""
    given = env.get("BANK_ACCOUNT")
    if not given:
        return ("示例数据：县红枣货款专户", "示例数据：未设置开户行", "示例数据：未设置账号")
    parts = tuple(part.strip() for part in given.split("|"))
    if len(parts) != 3 or not all(parts):
        raise BadSetting("BANK_ACCOUNT", "请写 户名|开户行|账号")
    return parts[0], parts[1], parts[2]


def _county(env: Mapping[str, str]) -> str:
    given = env.get("COUNTY_CODE") or "141125"
    if not (given.isascii() and given.isdigit() and len(given) == 6):
        raise BadSetting("COUNTY_CODE", "请写六位县级区划代码，例如 141125")
    return given
