"""The county's land for the demonstration pictures: loess terraces over the river, a yard, drying racks."""

import math
from collections.abc import Callable
from random import Random
from typing import Final

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from app.demo import paint
from app.demo.paint import SIZE, Colour, Spot

WIDE, HIGH = SIZE
Line = Callable[[float], float]


def _ridge(base: float, tall: float, rng: Random, *, waves: float = 1.0) -> Line:
    """Heights of a rounded loess hill line: a few long waves and some shorter ones."""
    parts = [
        (f * waves * rng.uniform(0.8, 1.2), a, rng.uniform(0, 6.28))
        for f, a in ((0.0042, 1.0), (0.0093, 0.5), (0.019, 0.18), (0.043, 0.05))
    ]
    return lambda x: base - tall * sum(a * math.sin(f * x + p) for f, a, p in parts)


def _below(line: Line) -> Image.Image:
    """A mask of everything under `line`, with a smooth edge."""
    mask = Image.new("L", (WIDE * 2, HIGH * 2))
    edge = [(x * 2, line(x) * 2) for x in range(0, WIDE + 8, 8)]
    ImageDraw.Draw(mask).polygon([*edge, (WIDE * 2, HIGH * 2), (0, HIGH * 2)], fill=255)
    return mask.resize(SIZE, Image.Resampling.LANCZOS)


def _sky(rng: Random, sun: tuple[float, float]) -> Image.Image:
    sky = paint.fade(SIZE, (214, 196, 160), (250, 226, 178))
    paint.tint(sky, (255, 240, 206), paint.glow(SIZE, sun, 620, 0.9))
    paint.tint(sky, (255, 214, 140), paint.glow(SIZE, sun, 210, 0.9))
    paint.tint(sky, (255, 250, 232), paint.glow(SIZE, sun, 64, 1.0))
    streaks = paint.rough(SIZE, (3, 14), rng).point(lambda v: max(0, v - 128))
    paint.tint(sky, (255, 244, 220), streaks)
    return sky


def _hill(
    picture: Image.Image, line: Line, top: Colour, bottom: Colour, rng: Random, *, steps: int, gap: float
) -> None:
    """One hill with its terraces: each step a lit edge and a shaded bank below it."""
    mask = _below(line)
    crest = min(line(x) for x in range(0, WIDE, 20))
    hill = Image.new("RGB", SIZE, bottom)
    deep = min(HIGH, int(crest) + 420)
    hill.paste(paint.fade((WIDE, deep - int(crest)), top, bottom), (0, int(crest)))
    pen = ImageDraw.Draw(hill, "RGBA")
    for step in range(1, steps + 1):
        flat, wobble = min(0.85, 0.05 * step), rng.uniform(0, 6)
        mean = crest + 40 + gap * step
        drop = mean * flat + gap * step * (0.55 + 0.03 * step)
        spots = [(x, line(x) * (1 - flat) + drop + 3 * math.sin(x * 0.021 + wobble)) for x in range(-10, WIDE + 20, 12)]
        bank = 2 + step * gap / 60
        pen.line([(x, y + bank) for x, y in spots], fill=(70, 40, 16, 74), width=int(bank * 2.2), joint="curve")
        pen.line(spots, fill=(255, 232, 180, 92), width=max(1, int(bank * 0.8)), joint="curve")
    hill = paint.textured(hill, paint.rough(SIZE, (9, 14), rng, octaves=5), 0.3)
    gullies = paint.noise(SIZE, (46, 3), rng).point(lambda v: max(0, v - 150) // 2)
    paint.tint(hill, (92, 56, 26), gullies.filter(ImageFilter.GaussianBlur(2)))
    picture.paste(paint.textured(hill, _slopes(line), 0.6), (0, 0), mask)


def _slopes(line: Line) -> Image.Image:
    """Grey columns: bright where the hill faces the sun on the left, dark where it turns away."""
    row = bytes(max(56, min(132, int(112 - (line(x + 14) - line(x - 14)) * 5.5))) for x in range(0, WIDE, 8))
    return Image.frombytes("L", (len(row), 1), row).resize(SIZE, Image.Resampling.BICUBIC)


def _mist(picture: Image.Image, level: float, rng: Random, strength: float) -> None:
    band = Image.new("L", SIZE)
    pen = ImageDraw.Draw(band)
    for y in range(HIGH):
        pen.line([(0, y), (WIDE, y)], fill=int(255 * strength * math.exp(-(((y - level) / 70) ** 2))))
    cloud = paint.rough(SIZE, (5, 6), rng)
    paint.tint(picture, (252, 236, 204), ImageChops.multiply(band, cloud.point(lambda v: min(255, v * 3 // 2))))


_FOLIAGE: Final = (((38, 52, 30, 240), 1.3, 0.0), ((74, 94, 46, 225), 1.0, 0.07), ((146, 148, 78, 190), 0.5, 0.15))


def _tree(pen: ImageDraw.ImageDraw, x: float, y: float, tall: float, rng: Random) -> None:
    """A small jujube tree as a painter dots it: shade, leaf, light, fruit."""
    pen.ellipse((x - tall * 0.2, y - tall * 0.07, x + tall * 0.95, y + tall * 0.1), fill=(48, 26, 12, 90))
    for lean in (-0.16, 0.02, 0.2):
        pen.line([(x, y), (x + lean * tall, y - tall * 0.62)], fill=(54, 36, 24, 255), width=max(1, int(tall / 22)))
    dot = max(1.2, tall * 0.05)
    for colour, share, lift in _FOLIAGE:
        for _ in range(int(share * min(70, 10 + tall * 0.8))):
            a, d = rng.uniform(0, 6.28), math.sqrt(rng.random()) * tall * (0.42 - lift * 0.8)
            cx, cy = x + d * math.cos(a) - lift * tall * 0.7, y - tall * 0.7 + d * 0.74 * math.sin(a) - lift * tall
            r = dot * rng.uniform(0.6, 1.25)
            pen.ellipse((cx - r, cy - r * 0.8, cx + r, cy + r * 0.8), fill=colour)
    for _ in range(int(tall / 2.6)):
        a, d = rng.uniform(0, 6.28), math.sqrt(rng.random()) * tall * 0.38
        cx, cy, r = x + d * math.cos(a), y - tall * 0.68 + d * 0.74 * math.sin(a), max(0.8, tall * 0.019)
        pen.ellipse((cx - r, cy - r, cx + r, cy + r * 1.4), fill=rng.choice([(150, 26, 20, 255), (186, 46, 28, 255)]))


def _orchard(picture: Image.Image, line: Line, rows: list[Spot], rng: Random, *, span: Spot) -> None:
    pen = ImageDraw.Draw(picture, "RGBA")
    for drop, tall in rows:
        x = span[0] + rng.uniform(0, tall)
        while x < span[1]:
            if rng.random() > 0.16:
                _tree(pen, x, line(x) + drop + rng.uniform(-2, 2), tall * rng.uniform(0.8, 1.15), rng)
            x += tall * rng.uniform(0.9, 1.7)


def _river(picture: Image.Image, rng: Random, *, start: float) -> None:
    """The Yellow River coming from the haze: wide and bright in front, a thread behind."""
    bend = rng.uniform(-0.4, 0.4)
    left: list[Spot] = []
    right: list[Spot] = []
    for i in range(81):
        t = i / 80
        y = start + (HIGH + 30 - start) * t**1.35
        middle = 620 + bend * 120 + 250 * math.sin(t * 5.4 + 0.6 + bend) * (0.3 + 0.7 * t) - 40 * t
        wide = 26 + 350 * t**1.5
        left.append((middle - wide, y))
        right.append((middle + wide, y))
    mask = Image.new("L", (WIDE * 2, HIGH * 2))
    ImageDraw.Draw(mask).polygon([(x * 2, y * 2) for x, y in [*left, *reversed(right)]], fill=255)
    mask = mask.resize(SIZE, Image.Resampling.LANCZOS)
    sand = mask.filter(ImageFilter.MaxFilter(9)).filter(ImageFilter.GaussianBlur(5))
    paint.tint(picture, (236, 204, 150), sand)
    water = paint.fade(SIZE, (252, 226, 170), (150, 104, 58))
    for cells, strength in (((5, 60), 0.2), ((16, 170), 0.2), ((40, 300), 0.12)):
        water = paint.textured(water, paint.noise(SIZE, cells, rng), strength)
    paint.tint(water, (255, 240, 200), paint.noise(SIZE, (22, 260), rng).point(lambda v: max(0, v - 168) * 2))
    picture.paste(water, (0, 0), mask)
    paint.tint(picture, (88, 54, 26), ImageChops.subtract(mask, ImageChops.offset(mask, 3, 7)).point(lambda v: v // 2))


def terraces(rng: Random) -> Image.Image:
    """Terraced loess hills above the Yellow River, trees along the steps, late sun."""
    sun = (rng.uniform(220, 420), rng.uniform(130, 190))
    picture = _sky(rng, sun)
    for base, tall, top, bottom, steps in (
        (318, 40, (226, 200, 152), (236, 212, 166), 3),
        (392, 58, (212, 176, 118), (226, 194, 138), 6),
        (476, 66, (194, 148, 88), (214, 172, 108), 8),
    ):
        line = _ridge(base, tall, rng)
        _hill(picture, line, top, bottom, rng, steps=steps, gap=13 + steps)
        _orchard(picture, line, [(26 + 22 * k, 9 + steps + k) for k in range(steps // 3)], rng, span=(0, WIDE))
        _mist(picture, base + 90, rng, 0.5)
    plain = _ridge(560, 14, rng)
    _hill(picture, plain, (190, 140, 78), (168, 116, 60), rng, steps=6, gap=26)
    _orchard(picture, plain, [(14, 26), (52, 32)], rng, span=(0, WIDE))
    _river(picture, rng, start=548)
    for far in (True, False):
        middle, reach, base = (-30, 420, 610) if far else (WIDE + 30, 460, 660)
        wave = _ridge(0, 8, rng)

        def shoulder(x: float, m: float = middle, r: float = reach, b: float = base, w: Line = wave) -> float:
            away = min(1.0, abs(x - m) / r)
            return b + (HIGH + 60 - b) * math.pow(away, 1.7) + w(x)

        _hill(picture, shoulder, (170, 116, 60), (112, 68, 32), rng, steps=7, gap=30)
        span = (0.0, 380.0) if far else (WIDE - 400.0, float(WIDE))
        _orchard(picture, shoulder, [(18, 50), (78, 62), (150, 78)], rng, span=span)
    return picture


def yard(rng: Random) -> Image.Image:
    """A farm yard out of focus: rammed-earth wall, beaten ground, sun across both."""
    picture = paint.fade(SIZE, (222, 184, 126), (196, 148, 90))
    picture = paint.textured(picture, paint.rough(SIZE, (6, 12), rng), 0.4)
    ground = Image.new("L", SIZE)
    ImageDraw.Draw(ground).rectangle((0, 610, WIDE, HIGH), fill=255)
    floor = paint.textured(paint.fade(SIZE, (232, 200, 148), (206, 164, 106)), paint.rough(SIZE, (9, 40), rng), 0.3)
    picture.paste(floor, (0, 0), ground.filter(ImageFilter.GaussianBlur(10)))
    beam = Image.new("L", SIZE)
    ImageDraw.Draw(beam).polygon([(0, 0), (520, 0), (1120, HIGH), (340, HIGH)], fill=120)
    paint.tint(picture, (255, 232, 182), beam.filter(ImageFilter.GaussianBlur(70)))
    strings = ImageDraw.Draw(picture)
    for x in (60, 150, 1030, 1130):
        for y in range(-20, rng.randint(300, 420), 34):
            r = rng.uniform(15, 20)
            cx = x + rng.uniform(-10, 10)
            red = rng.choice([(140, 34, 24), (168, 48, 30), (116, 24, 18)])
            strings.ellipse((cx - r, y - r, cx + r, y + r * 1.3), fill=red)
    return picture.filter(ImageFilter.GaussianBlur(9))


def _mat(picture: Image.Image, corners: list[Spot], rng: Random) -> None:
    """One reed mat on legs, strewn with fruit; corners: far left, far right, near right, near left."""
    (flx, fy), (frx, _), (nrx, ny), (nlx, _) = corners
    shadow = Image.new("L", SIZE)
    lift = (ny - fy) * 0.34
    ImageDraw.Draw(shadow).polygon([(x + lift * 0.9, y + lift) for x, y in corners], fill=170)
    paint.tint(picture, (70, 40, 20), shadow.filter(ImageFilter.GaussianBlur(max(2.0, lift / 4))))
    pen = ImageDraw.Draw(picture)
    for x in (nlx + 14, nrx - 14):
        pen.line([(x, ny), (x, ny + lift * 1.1)], fill=(96, 62, 36), width=max(2, int(lift / 7)))
    pen.polygon(corners, fill=(176, 128, 74))
    pen.line([(nlx, ny), (nrx, ny)], fill=(120, 80, 44), width=max(2, int(lift / 5)))
    fruits = paint.basketful()
    y = fy + 2
    while y < ny - 2:
        t = (y - fy) / (ny - fy)
        left, right = flx + (nlx - flx) * t, frx + (nrx - frx) * t
        length = max(7.0, (y - 330) * 0.098)
        x = left + length * 0.5
        while x < right - length * 0.4:
            if rng.random() > 0.05:
                spot = (x + rng.uniform(-0.2, 0.2) * length, y + rng.uniform(-0.15, 0.15) * length)
                paint.lay(picture, rng.choice(fruits), spot, length * rng.uniform(0.85, 1.15), shade=0.7)
            x += length * 0.74
        y += length * 0.42


def racks(rng: Random) -> Image.Image:
    """Rows of drying mats red with fruit, hills and low sun behind."""
    picture = _sky(rng, (rng.uniform(250, 500), 150))
    for base, tall, top, bottom, steps in (
        (300, 30, (222, 192, 142), (234, 208, 160), 5),
        (356, 30, (202, 156, 96), (214, 174, 112), 7),
    ):
        line = _ridge(base, tall, rng)
        _hill(picture, line, top, bottom, rng, steps=steps, gap=14)
        _orchard(picture, line, [(24, 16), (50, 20)], rng, span=(0, WIDE))
        _mist(picture, base + 70, rng, 0.4)
    ground = paint.textured(paint.fade(SIZE, (226, 190, 134), (190, 144, 88)), paint.rough(SIZE, (8, 50), rng), 0.3)
    picture.paste(ground, (0, 0), _below(lambda x: 420))
    edge = _ridge(424, 3, rng)
    _orchard(picture, edge, [(0, 44)], rng, span=(0, WIDE))
    vanish = 600 + rng.uniform(-140, 140)
    for far, near in ((446, 478), (500, 552), (580, 664), (700, 850)):
        for lane in (-2.1, -1.05, 0.0, 1.05):
            spots = ((lane, far), (lane + 0.94, far), (lane + 0.94, near), (lane, near))
            corners = [(vanish + x * (y - 330) * 1.02, float(y)) for x, y in spots]
            if corners[2][0] > -40 and corners[3][0] < WIDE + 40:
                _mat(picture, corners, rng)
    return picture
