"""Fresh fruit on the tree, for the demonstration pictures."""

import itertools
import math
from random import Random

from PIL import Image, ImageDraw, ImageFilter

from app.demo import paint
from app.demo.paint import SIZE, Spot

WIDE, HIGH = SIZE


def branch(rng: Random) -> Image.Image:
    """Fresh fruit on the tree, half red, against the light."""
    picture = paint.fade(SIZE, (226, 214, 160), (112, 134, 78))
    for _ in range(70):
        x, y, r = rng.uniform(0, WIDE), rng.uniform(0, HIGH), rng.uniform(30, 110)
        colour = rng.choice([(246, 230, 170), (96, 124, 62), (150, 164, 92), (214, 190, 110), (64, 94, 52)])
        disc = Image.new("L", SIZE)
        ImageDraw.Draw(disc).ellipse((x - r, y - r, x + r, y + r), fill=rng.randint(40, 110))
        paint.tint(picture, colour, disc.filter(ImageFilter.GaussianBlur(7)))
    picture = picture.filter(ImageFilter.GaussianBlur(9))
    wood = [(WIDE + 60.0, 40.0), (960.0, 120.0), (700.0, 150.0), (430.0, 236.0), (90.0, 262.0)]
    _bough(picture, wood, rng)
    joints = [(x, _height(wood, x)) for x in (150, 270, 400, 520, 650, 770, 900, 1020, 1120)]
    for x, y in joints:
        _sprig(picture, (x, y), [rng.uniform(-1.9, -0.9), rng.uniform(1.9, 2.8)], rng)
    fruits = paint.basketful(fresh=True)
    for x in (1060, 930, 800, 690, 560, 450, 310, 190):
        which = rng.choice((0, 1, 13))
        turn, length = which * math.pi / 7, 196 * rng.uniform(0.86, 1.06)
        spot = (x + rng.uniform(-20, 20), _height(wood, x) + rng.uniform(170, 330))
        top = (spot[0] + math.sin(turn) * length * 0.47, spot[1] - math.cos(turn) * length * 0.47)
        _bough(
            picture,
            [(float(x), _height(wood, x)), ((x + top[0]) / 2 + 6, (spot[1] + top[1]) / 2 - 70), top],
            rng,
            thick=7,
        )
        paint.lay(picture, fruits[which], spot, length, shade=0.3)
    for x, y in joints[1::2]:
        _sprig(picture, (x, y), [rng.uniform(0.7, 1.2), rng.uniform(1.7, 2.5)], rng)
    return picture


def _height(wood: list[Spot], x: float) -> float:
    """Where the bough is, at `x`."""
    for (ax, ay), (bx, by) in itertools.pairwise(wood):
        if bx <= x <= ax:
            return by + (ay - by) * (x - bx) / (ax - bx)
    return wood[-1][1]


def _bough(picture: Image.Image, spots: list[Spot], rng: Random, *, thick: int = 34) -> None:
    """Wood along `spots`, thinner towards the last, lit from above."""
    mask = Image.new("L", (WIDE * 2, HIGH * 2))
    pen = ImageDraw.Draw(mask)
    parts = len(spots) - 1
    for i, ((ax, ay), (bx, by)) in enumerate(itertools.pairwise(spots)):
        for step in range(60):
            t = step / 60
            half = thick * (1 - 0.75 * (i + t) / parts) * (1 + 0.1 * math.sin(step * 0.7)) if thick > 9 else thick * 0.9
            x, y = (ax + (bx - ax) * t) * 2, (ay + (by - ay) * t) * 2
            pen.ellipse((x - half, y - half, x + half, y + half), fill=255)
    mask = mask.resize(SIZE, Image.Resampling.LANCZOS)
    bark = (104, 76, 54) if thick > 9 else (120, 128, 64)
    wood = paint.textured(Image.new("RGB", SIZE, bark), paint.rough(SIZE, (30, 40), rng), 0.5)
    picture.paste(wood, (0, 0), mask)
    paint.raised(picture, mask, max(2, thick // 9))


def _sprig(picture: Image.Image, joint: Spot, turns: list[float], rng: Random) -> None:
    """Leaves growing out of one joint, each in its own direction."""
    for turn in turns:
        length = rng.randint(150, 205)
        middle = (joint[0] + math.cos(turn) * length * 0.4, joint[1] + math.sin(turn) * length * 0.4)
        paint.strew(picture, [(middle[0] - length / 2, middle[1] - length / 2, turn)], length, rng)
