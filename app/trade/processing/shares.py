"""Who shares in what: whole grams of several outputs attributed to several inputs, without one gram too many or few."""

from __future__ import annotations

from collections.abc import Sequence


def parted(total: int, weights: Sequence[int]) -> list[int]:
    """`total` in whole parts in proportion to `weights`, by largest remainder; the parts add up to `total`.

    No part exceeds its weight as long as `total` does not exceed their sum. Equal remainders: the earlier one first.
    `weights` are not negative and, unless `total` is 0, not all 0.
    """
    whole = sum(weights)
    if total == 0:
        return [0] * len(weights)
    parts = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda n: (-(total * weights[n] % whole), n))
    for place in by_remainder[: total - sum(parts)]:
        parts[place] += 1
    return parts


def attributed(used: Sequence[int], made: Sequence[int]) -> tuple[list[list[int]], list[int]]:
    """(for each output, how many grams of it came from each input; for each input, how many of its grams were lost).

    Row by row an output shares in what the inputs still have, so that afterwards every gram of every input is in an
    output or lost, and every output has exactly its grams. `made` does not add up to more than `used`.
    """
    left = list(used)
    rows = []
    for grams in made:
        row = parted(grams, left)
        left = [have - part for have, part in zip(left, row, strict=True)]
        rows.append(row)
    return rows, left


def carried(right: int, *, used: int, loose: int) -> int:
    """How much of a lot's right to the mark goes along with `used` of its `loose` grams: all of it with the last."""
    return right * used // loose if loose else 0


def passed(right: int, *, part: int, used: int) -> int:
    """How much of what goes along one output gets for its `part` of the `used` grams, rounded down."""
    return right * part // used
