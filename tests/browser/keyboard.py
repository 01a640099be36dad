"""Going through pages with a keyboard alone."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Locator, Page

MOST_STOPS = 90
# The thing itself is drawn round, or the card that is one with its link.
_SHOWS = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return "";
  const drawn = [at, at.closest(".card")].some((one) => {
    const look = one && getComputedStyle(one);
    return look && look.outlineStyle !== "none" && parseFloat(look.outlineWidth) >= 2;
  });
  const box = at.getBoundingClientRect();
  const seen = box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight && box.left < innerWidth;
  return drawn && seen ? "" : at.outerHTML.slice(0, 160);
}"""


class NotReached(AssertionError):
    """The Tab key never came to what was looked for."""


@dataclass
class Keyboard:
    """Hands that know only keys. Every stop on the way must show that it has the focus."""

    page: Page

    def reach(self, target: Locator) -> None:
        """Tab until the target has the focus. Raises `NotReached`."""
        target.wait_for()
        for _stop in range(MOST_STOPS):
            if target.evaluate("(one) => one === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
            unseen = self.page.evaluate(_SHOWS)
            assert unseen == "", f"the focus does not show at {unseen}"
        raise NotReached(str(target))

    def push(self, target: Locator) -> None:
        """Reach a link or a button and press Enter; when it leads to another page, that page is there."""
        self.reach(target)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def type(self, target: Locator, text: str) -> None:
        """Reach a field and type into it over what it holds."""
        self.reach(target)
        self.page.keyboard.press("ControlOrMeta+A")
        self.page.keyboard.insert_text(text)

    def step_to(self, target: Locator, value: str) -> None:
        """Reach a list and walk down it to the option with this value. Raises `NotReached`."""
        self.reach(target)
        self.page.keyboard.press("Home")
        for _step in range(MOST_STOPS):
            if target.input_value() == value:
                return
            self.page.keyboard.press("ArrowDown")
        raise NotReached(f"{value} in {target}")
