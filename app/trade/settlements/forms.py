"""What officials send about settlements."""

from __future__ import annotations

from datetime import date

from flask_babel import gettext as _
from wtforms import DateField

from app.web.fields import OnceForm
from app.web.words import later as _l


class BeginForm(OnceForm):
    """Up to which day is settled."""

    through = DateField(_l("结算到哪一天（含）"))

    def day(self) -> date | None:
        """The day, if one was given; else the field says so."""
        found: date | None = self.through.data
        if found is None:
            self.through.errors = [_("请选一个日子。")]
        return found
