"""The standing cast for tests of agents, who act in trade."""

from tests.cast import county, gao, gift_box, hu, li, qian, sun, wang, zhao, zhou

__all__ = ["county", "gao", "gift_box", "hu", "li", "qian", "sun", "wang", "zhao", "zhou"]
