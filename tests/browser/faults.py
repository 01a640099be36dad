"""What must not be wrong with any page."""

from __future__ import annotations

from collections.abc import Iterable

from axe_playwright_python.sync_playwright import Axe

from tests.browser.visitor import Screen, Visitor

AXE = Axe()
WCAG_AA = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    "resultTypes": ["violations"],
}


def faults_of(visitor: Visitor, screens: Iterable[Screen]) -> list[str]:
    """What axe finds on the page that is open, on each of the screens, and whether it scrolls sideways at 320 px.

    So wide is also a window of 640 px at a zoom of 200 %. Source: WCAG 2.2, A and AA, 1.4.10 among them.
    """
    page, found = visitor.page, []
    if page.locator("html").get_attribute("lang") != "zh-CN":
        found.append("no language")
    for screen in screens:
        page.set_viewport_size(screen.size)
        for one in AXE.run(page, options=WCAG_AA).response["violations"]:
            found += [f"{screen.name} {one['id']}: {node['html'][:160]}" for node in one["nodes"]]
    page.set_viewport_size(Screen.NARROW.size)
    if visitor.is_too_wide():
        found.append("scrolls sideways at 320 px")
    return found
