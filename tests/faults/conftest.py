"""The standing cast for faults."""

from tests.cast import county, gao, gift_box, hu, li, qian, wang, zhao

__all__ = ["county", "gao", "gift_box", "hu", "li", "qian", "wang", "zhao"]
