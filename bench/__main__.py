"""`python -m bench`, `python -m bench weights`, `python -m bench settle`, `python -m bench search`, `… recall`."""

from __future__ import annotations

import argparse

from bench import recalling, rounds, searching, settling, weights

_WHATS = ("all", "pages", "orders", "weights", "settle", "search", "recall")


def main() -> None:
    """Run what was asked for."""
    asked = argparse.ArgumentParser(prog="python -m bench", description="性能测试 · measurements as ratios in one run")
    asked.add_argument("what", nargs="?", choices=_WHATS, default="all")
    asked.add_argument("--quick", action="store_true", help="2 × 2 s instead of 5 × 5 s")
    asked.add_argument("--rounds", type=int, help="rounds of each contender")
    asked.add_argument("--seconds", type=float, help="seconds of each measurement")
    asked.add_argument("--sellers", type=int, default=20_000, help="how many sellers `settle` settles with")
    asked.add_argument("--packs", type=int, default=searching.PACKS, help="how many packs `search` looks through")
    asked.add_argument("--lines", type=int, default=recalling.LINES, help="how many order lines `recall` looks through")
    said = asked.parse_args()
    if said.what == "weights":
        weights.show()
        return
    if said.what == "settle":
        settling.run(said.sellers)
        return
    if said.what == "recall":
        recalling.run(said.lines)
        return
    plan = rounds.Plan.of(quick=said.quick, rounds=said.rounds, seconds=said.seconds)
    if said.what == "search":
        searching.run(said.packs, plan)
        return
    rounds.run(plan, pages=said.what in ("all", "pages"), orders=said.what in ("all", "orders"))


if __name__ == "__main__":
    main()
