"""The standing cast for tests of the office."""

from tests.cast import county, gao, hu, li, qian, sun, wang, zhao, zhou

__all__ = ["county", "gao", "hu", "li", "qian", "sun", "wang", "zhao", "zhou"]
