"""Every sentence of the mails, in one place. A mail tells nothing but what its reader's inbox says."""

from __future__ import annotations

from dataclasses import dataclass

MESSAGE = "柳林红枣：您有新消息"
CODE = "柳林红枣：邮箱确认码"

_MESSAGE_BODY = """{words}

打开看：{link}

这封信由系统自动发出，请不要回复。
不想再收邮件，登录后在这里删掉邮箱：{stop}
"""

_CODE_BODY = """有人在柳林红枣登记了这个邮箱。确认码：{code}

15 分钟内填到这里：{stop}

不是您本人登记的，不用理会，也不要把确认码告诉任何人；没有确认，这里不会再收到别的信。
这封信由系统自动发出，请不要回复。
"""


@dataclass(frozen=True, slots=True)
class Site:
    """Where people find us, such as `https://zao.example.cn`, without a slash at its end."""

    url: str

    @property
    def stop(self) -> str:
        """The page on which an address is confirmed, changed and removed."""
        return f"{self.url}/me/mail"

    def message_body(self, words: str, *, link: str) -> str:
        """What a message says, where to do something about it, and how to get no more mails. `link` is a path."""
        return _MESSAGE_BODY.format(words=words, link=f"{self.url}{link}", stop=self.stop)

    def code_body(self, code: str) -> str:
        """The code that confirms the address, and where it goes."""
        return _CODE_BODY.format(code=code, stop=self.stop)
