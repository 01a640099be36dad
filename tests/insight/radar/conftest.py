"""The standing cast, for whose fruit lies in store."""

from tests.cast import county, gao, li, qian, wang, zhao

__all__ = ["county", "gao", "li", "qian", "wang", "zhao"]
