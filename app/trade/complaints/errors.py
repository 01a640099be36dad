"""How complaints say no."""

from __future__ import annotations

from app.kernel.errors import BadValue, Conflict, Forbidden


class AlreadyOpen(Conflict):
    """A complaint about the order is open."""

    code = "complaint_open"
    sentence = "这一单的投诉还没有办完，请在原来的投诉里接着说。"


class ComplainedEnough(Conflict):
    """The buyer has complained about the order as often as we take it."""

    code = "complained_enough"
    sentence = "这一单已经投诉过 {most} 次。还有问题，请打 12315 或找县投诉处。"


class WordsMissing(BadValue):
    """Nothing was said."""

    code = "words_missing"
    sentence = "请写上要说的话，2 到 1000 个字。"


class SaidEnough(Conflict):
    """The thread is as long as it gets."""

    code = "said_enough"
    sentence = "这件事已经说了很多，请等处理结果。"


class TooManyPhotos(BadValue):
    """More pictures than we take."""

    code = "too_many_photos"
    sentence = "最多放 {most} 张照片，请去掉几张。"


class StillTheTownships(Forbidden):
    """The county may act once the township's time is over."""

    code = "still_the_townships"
    sentence = "乡镇的期限到 {until}，过了期限县里才能办。"
