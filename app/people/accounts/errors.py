"""How accounts say no."""

from __future__ import annotations

from app.kernel.errors import BadValue, Conflict, DomainError, Forbidden


class BadPhone(BadValue):
    """Not a mainland mobile number."""

    code = "bad_phone"
    sentence = "请填写 11 位的手机号，例如 13800001234。"


class BadName(BadValue):
    """Nothing that could be a name."""

    code = "bad_name"
    sentence = "请填写姓名，最多 40 个字。"


class WeakPassword(BadValue):
    """The password is too short, too long or too well known."""

    code = "weak_password"
    sentence = "密码至少 8 个字，最多 200 个字，不能是手机号，也不能是人人都会猜的那种。"


class WeakStaffPassword(WeakPassword):
    """Staff need more."""

    code = "weak_staff_password"
    sentence = "工作人员的密码至少 12 个字，要有大写字母、小写字母和数字（或符号），不能是手机号，也不能太好猜。"


class BadCredentials(DomainError):
    """The number and the password do not belong together, or nobody may enter with them; which, is not said."""

    code = "bad_credentials"
    status = 401
    sentence = "手机号或密码不对，请再试一次。"


class TooManyAttempts(DomainError):
    """Too many tries within the window; the window moves on by itself."""

    code = "too_many_attempts"
    status = 429
    sentence = "试错的次数太多了，请过 5 分钟再试。"
    retry_after = 300


class BadCode(BadValue):
    """The one-time code is wrong, too old or used before."""

    code = "bad_code"
    sentence = "动态口令不对或已经用过，请等手机上换了新的再填。"


class NotEnrolled(Conflict):
    """There is no second factor to ask for."""

    code = "not_enrolled"
    sentence = "您还没有绑定动态口令，请先到“我的”里绑定。"


class AlreadyEnrolled(Conflict):
    """A second factor is in force; it is not replaced without being asked for."""

    code = "already_enrolled"
    sentence = "您已经绑定了动态口令。要换手机，请先解除原来的。"


class NotSteppedUp(Forbidden):
    """The act needs a one-time code given within the last five minutes."""

    code = "not_stepped_up"
    sentence = "办这件事前，请再填一次动态口令。"


class SelfGrant(Forbidden):
    """Nobody changes his own roles."""

    code = "self_grant"
    sentence = "不能给自己授权或撤权，请由另一位管理员办理。"


class RolesExclude(Conflict):
    """The person holds a role that never goes with this one."""

    code = "roles_exclude"
    sentence = "此人已是“{held}”，不能再任“{wanted}”：督查不兼他职，管理员不兼审批。"


class AlreadyHeld(Conflict):
    """The person holds the role in that scope."""

    code = "already_held"
    sentence = "此人已经有这个角色了。"


class BadScope(BadValue):
    """The role does not go with that scope."""

    code = "bad_scope"
    sentence = "乡镇干部要选一个乡镇；县里的角色管全县。"


class ReasonMissing(BadValue):
    """The act is kept with its reason, and none was given."""

    code = "reason_missing"
    sentence = "请写明原因，至少 4 个字，最多 200 个字。"


class TooManyDisclosures(DomainError):
    """The day's allowance of opened personal data is used up."""

    code = "too_many_disclosures"
    status = 429
    sentence = "今天查看完整号码已满 30 次，请明天再办，或联系县里的督查。"
    retry_after = 3600


class ConsentMissing(BadValue):
    """The data may be kept only with the person's own consent."""

    code = "consent_missing"
    sentence = "请先勾选同意，我们才能保存。"


class TooManyPhotosSent(DomainError):
    """One person has sent too many photos; the window moves on by itself."""

    code = "too_many_photos_sent"
    status = 429
    sentence = "您传的照片太多了：一小时最多 60 张，一天最多 200 张。请过 1 小时再传。"
    retry_after = 3600


class TooManyBytesSent(DomainError):
    """One person's photos are too much altogether; the window moves on by itself."""

    code = "too_many_bytes_sent"
    status = 429
    sentence = "您传的照片加起来太大了：一小时最多 300 MB，一天最多 800 MB。请把照片改小，或者过 1 小时再传。"
    retry_after = 3600
