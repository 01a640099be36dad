"""Still lifes for the demonstration pictures: fruit in a heap, a bowl, a gift box and a sack."""

import math
from random import Random
from typing import Final

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from app.demo import land, paint
from app.demo.paint import SIZE, Colour, Size, Spot

WIDE, HIGH = SIZE


_CLOTHS: Final = (
    ((226, 204, 164), (196, 164, 116)),
    ((150, 164, 150), (104, 120, 108)),
    ((206, 150, 110), (160, 96, 66)),
    ((92, 98, 112), (62, 66, 80)),
)
_BOARDS: Final = ((140, 24, 22), (186, 148, 98), (58, 34, 28), (46, 70, 54))


def _cloth(rng: Random, top: Colour, bottom: Colour) -> Image.Image:
    """Rough homespun, seen from above."""
    weave = Image.new("L", SIZE, 128)
    pen = ImageDraw.Draw(weave)
    for x in range(0, WIDE, 4):
        pen.line([(x, 0), (x, HIGH)], fill=rng.randint(104, 150), width=2)
    across = Image.new("L", SIZE, 128)
    pen = ImageDraw.Draw(across)
    for y in range(0, HIGH, 4):
        pen.line([(0, y), (WIDE, y)], fill=rng.randint(104, 150), width=2)
    cloth = paint.textured(paint.fade(SIZE, top, bottom), Image.blend(weave, across, 0.5), 0.5)
    return paint.textured(cloth, paint.rough(SIZE, (4, 3), rng), 0.18)


def _boards(rng: Random) -> Image.Image:
    """An old table of jujube wood, its boards running across."""
    picture = Image.new("RGB", SIZE)
    y = 0
    while y < HIGH:
        deep = rng.randint(150, 210)
        base = rng.choice([(142, 92, 54), (128, 80, 46), (154, 104, 62)])
        board = paint.textured(Image.new("RGB", (WIDE, deep), base), paint.rough((WIDE, deep), (3, 26), rng), 0.42)
        board = paint.textured(board, paint.noise((WIDE, deep), (4, 90), rng), 0.16)
        ImageDraw.Draw(board).line([(0, deep - 2), (WIDE, deep - 2)], fill=(52, 30, 16), width=4)
        picture.paste(board, (0, y))
        y += deep
    return picture


def _scatter(picture: Image.Image, spots: list[Spot], length: float, rng: Random) -> None:
    fruits = paint.basketful()
    for x, y in spots:
        paint.lay(picture, rng.choice(fruits), (x, y), length * rng.uniform(0.88, 1.1))


def _ring_shadow(size: Size, box: tuple[int, int, int, int], blur: float, strength: int) -> Image.Image:
    mask = Image.new("L", size)
    ImageDraw.Draw(mask).ellipse(box, fill=strength)
    return mask.filter(ImageFilter.GaussianBlur(blur))


def heap(rng: Random) -> Image.Image:
    """Dried fruit to the very edge of the frame, sharp in front and soft behind."""
    picture = Image.new("RGB", SIZE, (58, 20, 12))
    fruits = paint.basketful()
    closeness = rng.uniform(0.85, 1.4)
    y = -40.0
    while y < HIGH + 90:
        near = max(0.0, y) / HIGH
        length = closeness * (96 + 104 * near)
        x = rng.uniform(-60, 0)
        while x < WIDE + 60:
            spot = (x + rng.uniform(-14, 14), y + rng.uniform(-22, 22))
            paint.lay(picture, rng.choice(fruits), spot, length * rng.uniform(0.9, 1.1), shade=0.8)
            x += length * 0.66
        y += length * 0.36
    soft = picture.filter(ImageFilter.GaussianBlur(7))
    far = Image.linear_gradient("L").resize(SIZE).point(lambda v: max(0, 255 - int(v * 2.6)))
    return Image.composite(soft, picture, far)


def bowl(rng: Random) -> Image.Image:
    """A glazed bowl of dried fruit on homespun, with leaves."""
    picture = _cloth(rng, *rng.choice(_CLOTHS))
    cx, cy, radius = 610 + rng.randint(-30, 30), 450, 356
    outer = (cx - radius, cy - radius, cx + radius, cy + radius)
    shadow = _ring_shadow(SIZE, (outer[0] + 34, outer[1] + 60, outer[2] + 44, outer[3] + 66), 30, 190)
    paint.tint(picture, (64, 38, 20), shadow)
    side = radius * 2
    glaze = paint.fade((side, side), (250, 243, 228), (176, 146, 108)).rotate(30, resample=Image.Resampling.BICUBIC)
    disc = Image.new("L", (side * 2, side * 2))
    ImageDraw.Draw(disc).ellipse((2, 2, side * 2 - 2, side * 2 - 2), fill=255)
    picture.paste(glaze, outer[:2], disc.resize((side, side), Image.Resampling.LANCZOS))
    inner = (outer[0] + 30, outer[1] + 30, outer[2] - 30, outer[3] - 30)
    hollow = Image.new("L", SIZE)
    ImageDraw.Draw(hollow).ellipse(inner, fill=255)
    rim = Image.new("L", SIZE)
    ImageDraw.Draw(rim).ellipse(outer, fill=255)
    paint.raised(picture, ImageChops.subtract(rim, hollow), 5)
    paint.tint(picture, (74, 36, 22), hollow.filter(ImageFilter.GaussianBlur(3)))
    for wide in range(radius - 92, 0, -62):
        count = max(1, int(2 * math.pi * wide / 84))
        turn = rng.uniform(0, 6)
        ring = [turn + i * 2 * math.pi / count for i in range(count)]
        _scatter(picture, [(cx + wide * math.cos(a), cy + wide * math.sin(a)) for a in ring], 142, rng)
    _scatter(picture, [(cx + rng.gauss(0, 90), cy + rng.gauss(0, 90)) for _ in range(14)], 150, rng)
    paint.strew(picture, [(24, 60, 0.7), (96, 130, 1.5), (986, 640, -0.7), (1030, 560, 0.3)], 190, rng)
    _scatter(picture, [(120, 770), (236, 828), (1096, 150), (72, 640)], 138, rng)
    return picture


def _seal(side: int) -> Image.Image:
    """The house's seal, cut in the same strokes as its sign on the pages."""
    seal = Image.new("RGBA", (side, side))
    pen = ImageDraw.Draw(seal)
    pen.rounded_rectangle((0, 0, side - 1, side - 1), side // 10, fill=(*paint.JUJUBE, 255))
    strokes = [
        [(21, 25), (79, 24)],
        [(50, 13), (50, 68)],
        [(31, 54), (31, 39), (69, 39), (69, 54)],
        [(48, 52), (38, 65), (22, 73)],
        [(52, 52), (62, 65), (78, 73)],
        [(43, 73), (57, 77)],
        [(40, 84), (60, 90)],
    ]
    for stroke in strokes:
        spots = [(x * side / 100, y * side / 100) for x, y in stroke]
        pen.line(spots, fill=(*paint.PAPER, 255), width=max(2, side * 7 // 100), joint="curve")
    return seal


def _panel(picture: Image.Image, box: tuple[int, int, int, int], colour: Colour, rng: Random, drop: int) -> None:
    """A sheet of stiff board with its own shadow."""
    size = (box[2] - box[0], box[3] - box[1])
    mask = Image.new("L", SIZE)
    ImageDraw.Draw(mask).rounded_rectangle((box[0] + drop, box[1] + drop, box[2] + drop, box[3] + drop), 10, fill=200)
    paint.tint(picture, (40, 20, 10), mask.filter(ImageFilter.GaussianBlur(drop)))
    board = paint.textured(Image.new("RGB", size, colour), paint.rough(size, (10, 8), rng), 0.14)
    shape = Image.new("L", size)
    ImageDraw.Draw(shape).rounded_rectangle((0, 0, size[0] - 1, size[1] - 1), 8, fill=255)
    picture.paste(board, box[:2], shape)


def box(rng: Random) -> Image.Image:
    """An open gift box, its fruit laid in rows, the lid beside it."""
    picture = _boards(rng)
    lid = (742, -60, 1260, 620)
    board = rng.choice(_BOARDS)
    _panel(picture, lid, board, rng, 22)
    pen = ImageDraw.Draw(picture)
    pen.rounded_rectangle((772, -30, 1230, 590), 6, outline=(216, 176, 104), width=3)
    pen.rounded_rectangle((782, -20, 1220, 580), 4, outline=(216, 176, 104), width=1)
    _panel(picture, (900, 150, 1090, 440), paint.PAPER, rng, 3)
    seal = _seal(130)
    picture.paste(seal, (930, 226), seal)
    tray = (70, 110, 690, 812)
    _panel(picture, tray, board, rng, 26)
    well = (tray[0] + 26, tray[1] + 26, tray[2] - 26, tray[3] - 26)
    pen.rectangle(well, fill=(70, 30, 18))
    pen.rectangle(well, outline=(216, 176, 104), width=4)
    upright = [fruit for i, fruit in enumerate(paint.basketful()) if i in (0, 1, 6, 7, 8, 13)]
    for row in range(5):
        for column in range(6):
            spot = (well[0] + 54 + column * 92 + rng.uniform(-5, 5), well[1] + 66 + row * 130 + rng.uniform(-5, 5))
            paint.lay(picture, rng.choice(upright), spot, 130 * rng.uniform(0.95, 1.05), shade=0.85)
    inner = Image.new("L", SIZE, 0)
    ImageDraw.Draw(inner).rectangle((well[0], well[1], well[2], well[1] + 26), fill=150)
    ImageDraw.Draw(inner).rectangle((well[0], well[1], well[0] + 22, well[3]), fill=150)
    paint.tint(picture, (30, 8, 6), inner.filter(ImageFilter.GaussianBlur(12)))
    paint.strew(picture, [(660, 640, 0.5), (700, 700, -0.3)], 200, rng)
    _scatter(picture, [(820, 760), (930, 826), (1046, 738), (1120, 836), (770, 860)], 150, rng)
    return picture


def _burlap(size: Size, rng: Random) -> Image.Image:
    tile = Image.new("L", size, 90)
    pen = ImageDraw.Draw(tile)
    for y in range(0, size[1], 7):
        for x in range(0, size[0], 14):
            light = rng.randint(120, 165)
            pen.rectangle((x + (7 if y // 7 % 2 else 0), y, x + 8 + (7 if y // 7 % 2 else 0), y + 4), fill=light)
    tile = tile.filter(ImageFilter.GaussianBlur(0.8))
    cloth = paint.textured(Image.new("RGB", size, (226, 188, 130)), tile, 0.42)
    return paint.textured(cloth, paint.rough(size, (7, 6), rng), 0.2)


def _round(left: int, right: int) -> Image.Image:
    """Daylight on an upright round thing between two edges."""
    row = bytearray()
    for x in range(WIDE):
        t = max(-1.0, min(1.0, (x - left) / (right - left) * 2 - 1))
        row.append(min(255, int(96 + 205 * max(0.0, 0.74 * math.sqrt(1 - t * t) - 0.42 * t))))
    side = Image.frombytes("L", (WIDE, 1), bytes(row)).resize(SIZE)
    return Image.merge("RGB", (side, side.point(lambda v: v * 246 // 255), side.point(lambda v: v * 232 // 255)))


def sack(rng: Random) -> Image.Image:
    """A sack filled to the brim, standing in a sunny yard."""
    picture = land.yard(rng)
    left, right, rim, foot = 270, 930, 400, 850
    outline = [
        (left, rim),
        (left - 26, rim + 160),
        (left - 36, foot - 90),
        (left + 10, foot - 8),
        (left + 90, foot + 10),
    ]
    outline += [(WIDE - x, y) for x, y in reversed(outline)]
    body = Image.new("L", SIZE)
    ImageDraw.Draw(body).polygon(outline, fill=255)
    body = body.filter(ImageFilter.GaussianBlur(9)).point(lambda v: max(0, min(255, (v - 96) * 4)))
    ground = _ring_shadow(SIZE, (left - 60, foot - 60, right + 190, foot + 56), 26, 210)
    paint.tint(picture, (58, 34, 18), ground)
    cloth = ImageChops.multiply(_burlap(SIZE, rng), _round(left - 30, right + 30))
    folds = paint.noise(SIZE, (26, 3), rng).filter(ImageFilter.GaussianBlur(8))
    picture.paste(paint.textured(cloth, folds, 0.34), (0, 0), body)
    mouth = (left - 6, rim - 96, right + 6, rim + 104)
    rolled = Image.new("L", SIZE)
    ImageDraw.Draw(rolled).ellipse((mouth[0] - 22, mouth[1] - 12, mouth[2] + 22, mouth[3] + 34), fill=255)
    under = ImageChops.multiply(ImageChops.offset(rolled, 4, 26).filter(ImageFilter.GaussianBlur(12)), body)
    paint.tint(picture, (74, 44, 22), under.point(lambda v: int(v * 0.6)))
    roll = paint.textured(_burlap(SIZE, rng), paint.noise(SIZE, (30, 3), rng), 0.3)
    roll = ImageChops.multiply(roll, _round(left - 60, right + 60))
    picture.paste(ImageChops.screen(roll, Image.new("RGB", SIZE, (44, 32, 16))), (0, 0), rolled)
    paint.raised(picture, rolled, 12)
    hollow = Image.new("L", SIZE)
    ImageDraw.Draw(hollow).ellipse(mouth, fill=255)
    paint.tint(picture, (46, 20, 12), hollow.filter(ImageFilter.GaussianBlur(4)))
    _mound(picture, (600, rim + 6), (right - left) / 2 - 22, rng)
    _scatter(picture, [(150, 826), (238, 868), (76, 872), (1010, 850), (1100, 876), (1060, 800)], 124, rng)
    return picture


def _mound(picture: Image.Image, centre: Spot, reach: float, rng: Random) -> None:
    """Fruit heaped in a round mouth, laid from the back to the front."""
    cx, cy = centre
    spots: list[tuple[float, float, float]] = []
    for _ in range(150):
        a, r = rng.uniform(0, 2 * math.pi), math.sqrt(rng.random())
        x, depth = r * math.cos(a), r * math.sin(a)
        rise = 150 * (1 - r * r) ** 0.8
        spots.append((depth, cx + x * reach * 0.95, cy + depth * 88 - rise))
    for depth, x, y in sorted(spots):
        paint.lay(picture, rng.choice(paint.basketful()), (x, y), 104 + 22 * depth, shade=0.75)
