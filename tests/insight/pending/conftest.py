"""The standing cast, for what waits for its officials."""

from tests.cast import county, gao, gift_box, hu, li, qian, sun, wang, zhao, zhou

__all__ = ["county", "gao", "gift_box", "hu", "li", "qian", "sun", "wang", "zhao", "zhou"]
