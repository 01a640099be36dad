"""In plain words, on which device somebody signed in."""

from __future__ import annotations

_SYSTEMS = (
    ("HarmonyOS", "鸿蒙手机"),
    ("Android", "安卓手机"),
    ("iPhone", "苹果手机"),
    ("iPad", "苹果平板"),
    ("Windows", "Windows 电脑"),
    ("Macintosh", "苹果电脑"),
    ("Linux", "Linux 电脑"),
)
_BROWSERS = (
    ("MicroMessenger", "微信"),
    ("Edg/", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)


def device_of(user_agent: str) -> str:
    """Such as 安卓手机·微信, to be said in the language of whoever reads it; never what the browser sent."""
    system = next((words for sign, words in _SYSTEMS if sign in user_agent), "别的设备")
    browser = next((words for sign, words in _BROWSERS if sign in user_agent), "")
    return f"{system}·{browser}" if browser else system
