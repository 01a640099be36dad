"""Paint for the demonstration pictures: noise, light and one jujube seen from any side.

Everything is drawn, nothing is photographed; the same random source gives the same pixels.
"""

import math
from functools import lru_cache
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter

Colour = tuple[int, int, int]
Size = tuple[int, int]
Spot = tuple[float, float]

SIZE: Size = (1200, 900)
LIGHT = (-0.46, -0.62, 0.64)
LOESS: Colour = (234, 215, 176)
PAPER: Colour = (251, 246, 236)
INK: Colour = (42, 26, 20)
JUJUBE: Colour = (155, 28, 28)


def noise(size: Size, cells: Size, rng: Random) -> Image.Image:
    """Soft grey clouds, `cells` of them across and down."""
    across, down = max(2, cells[0]), max(2, cells[1])
    return Image.frombytes("L", (across, down), rng.randbytes(across * down)).resize(size, Image.Resampling.BICUBIC)


def rough(size: Size, cells: Size, rng: Random, octaves: int = 4) -> Image.Image:
    """Clouds within clouds, each finer and fainter than the last."""
    picture = noise(size, cells, rng)
    for octave in range(1, octaves):
        finer = noise(size, (cells[0] << octave, cells[1] << octave), rng)
        picture = Image.blend(picture, finer, 0.36)
    return picture


def fade(size: Size, top: Colour, bottom: Colour) -> Image.Image:
    """One colour above running into another below."""
    ramp = Image.linear_gradient("L").resize(size)
    return Image.composite(Image.new("RGB", size, bottom), Image.new("RGB", size, top), ramp)


def glow(size: Size, centre: tuple[float, float], radius: float, strength: float = 1.0) -> Image.Image:
    """A mask that is bright at `centre` and gone at `radius` pixels."""
    ball = ImageChops.invert(Image.radial_gradient("L")).point(lambda v: int(max(0, v - 74) * 255 / 181 * strength))
    side = int(radius * 2)
    mask = Image.new("L", size)
    mask.paste(ball.resize((side, side), Image.Resampling.BICUBIC), (int(centre[0] - radius), int(centre[1] - radius)))
    return mask


def tint(picture: Image.Image, colour: Colour, mask: Image.Image) -> None:
    """Lay `colour` over `picture` where `mask` is bright."""
    picture.paste(Image.new("RGB", picture.size, colour), (0, 0), mask)


def textured(picture: Image.Image, grain: Image.Image, strength: float) -> Image.Image:
    """Lighten and darken `picture` with a grey `grain`, by at most `strength` of itself."""
    low = 1.0 - strength
    factor = grain.point(lambda v: int(255 * min(1.0, low + strength * v / 128)))
    return ImageChops.multiply(picture, Image.merge("RGB", (factor, factor, factor)))


def finished(picture: Image.Image, rng: Random) -> Image.Image:
    """Late light from the upper left, darker corners, a little grain."""
    return _grained(_cornered(_lit(picture, 0.16, 1.14, 1.17), 0.5), rng)


def finished_outside(picture: Image.Image, rng: Random) -> Image.Image:
    """The same for wide land, which brings its own sun."""
    return _grained(_cornered(_lit(picture, 0.05, 1.22, 1.04), 0.3), rng)


def _lit(picture: Image.Image, warmth: float, colour: float, brightness: float) -> Image.Image:
    size = picture.size
    light = glow(size, (size[0] * 0.22, size[1] * 0.05), size[0] * 1.05, warmth)
    warm = ImageChops.screen(picture, Image.new("RGB", size, (255, 196, 120)))
    picture = Image.composite(warm, picture, light)
    return ImageEnhance.Brightness(ImageEnhance.Color(picture).enhance(colour)).enhance(brightness)


def _cornered(picture: Image.Image, strength: float) -> Image.Image:
    edge = Image.radial_gradient("L").resize(picture.size).point(lambda v: int(max(0, v - 110) * strength))
    dark = ImageChops.multiply(picture, Image.new("RGB", picture.size, (96, 64, 48)))
    return Image.composite(dark, picture, edge)


def _grained(picture: Image.Image, rng: Random) -> Image.Image:
    wide, high = picture.size
    grain = Image.frombytes("L", (wide // 2, high // 2), rng.randbytes((wide // 2) * (high // 2)))
    return textured(picture, grain.resize(picture.size, Image.Resampling.BILINEAR), 0.05)


def raised(picture: Image.Image, mask: Image.Image, deep: int) -> None:
    """Make what `mask` covers look thick: lit on the upper left edge, dark on the lower right."""
    soft = mask.filter(ImageFilter.GaussianBlur(deep))
    lit = ImageChops.subtract(mask, ImageChops.offset(soft, deep, deep * 3 // 2))
    dark = ImageChops.subtract(mask, ImageChops.offset(soft, -deep, -deep * 3 // 2))
    tint(picture, (255, 244, 214), lit.point(lambda v: int(v * 0.55)))
    tint(picture, (46, 24, 10), dark.point(lambda v: int(v * 0.6)))


def _creases(size: Size, rng: Random) -> bytes:
    """Heights of a dried skin: plump cushions between sharp folds, long in the fruit's own direction."""
    across, down = size
    folds = noise(size, (8, 6), rng).point(lambda v: int(255 * (abs(v - 128) / 128) ** 0.7))
    fine = noise(size, (16, 13), rng).point(lambda v: int(255 * (abs(v - 128) / 128) ** 0.8))
    heights = Image.blend(folds, fine, 0.3).filter(ImageFilter.GaussianBlur(1.1))
    assert heights.size == (across, down)
    return heights.tobytes()


def _flat(size: Size, rng: Random) -> bytes:
    return rough(size, (3, 3), rng).tobytes()


def _shade(normal: tuple[float, float, float], base: Colour, hollow: float, gloss: float) -> Colour:
    """Colour of a skin facing `normal`: daylight, warm bounce from below, and a wet highlight."""
    nx, ny, nz = normal
    day = max(0.0, nx * LIGHT[0] + ny * LIGHT[1] + nz * LIGHT[2])
    half = max(0.0, nx * -0.254 + ny * -0.342 + nz * 0.905)
    bounce = max(0.0, ny * 0.8 + nx * 0.3) * 0.26
    sheen = half**46 * gloss + half**9 * 0.13 * gloss
    rim = (1.0 - max(0.0, nz)) ** 3 * 0.14
    tone = (0.16 + 0.98 * day) * (0.45 + 0.55 * hollow)
    return (
        min(255, int(base[0] * tone + 255 * sheen + base[0] * bounce + 120 * rim)),
        min(255, int(base[1] * tone * (0.72 + 0.4 * day) + 232 * sheen + (base[1] + 26) * bounce + 60 * rim)),
        min(255, int(base[2] * tone + 208 * sheen + (base[2] + 8) * bounce + 40 * rim)),
    )


def jujube(length: int, turn: float, rng: Random, *, fresh: bool = False) -> Image.Image:
    """One fruit, `length` pixels long, lying at `turn` radians, lit from the upper left; RGBA, cut out."""
    side = length + 8
    half_long, half_wide = length / 2, length / 2 * rng.uniform(0.66, 0.76)
    skin = (96, 168)
    heights = _flat(skin, rng) if fresh else _creases(skin, rng)
    bump = 0.22 if fresh else 2.1
    gloss = 0.8 if fresh else 0.62
    ripe = rng.uniform(-0.2, 1.4)
    base = rng.choice([(168, 30, 22), (150, 24, 20), (184, 44, 26), (134, 22, 20), (160, 34, 28)])
    taper = rng.uniform(-0.1, 0.1)
    cos, sin = math.cos(turn), math.sin(turn)
    pixels = bytearray(side * side * 4)
    for y in range(side):
        for x in range(side):
            px, py = x - side / 2 + 0.5, y - side / 2 + 0.5
            u, v = (px * cos + py * sin) / half_wide, (-px * sin + py * cos) / half_long
            u /= 1.0 + taper * v
            reach = math.hypot(u, v)
            if reach >= 1.0 + 2 / length:
                continue
            z = math.sqrt(max(0.02, 1.0 - u * u - v * v))
            hx = min(94, int((math.asin(max(-1.0, min(1.0, u))) / math.pi + 0.5) * 95))
            hy = min(166, int((v + 1.0) / 2 * 166)) if v > -1.0 else 0
            here = heights[hy * 96 + hx]
            du, dv = (heights[hy * 96 + hx + 1] - here) / 255, (heights[(hy + 1) * 96 + hx] - here) / 255
            end = max(0.0, abs(v) - 0.86) * 3.0
            lu, lv = u - du * bump * 2.2, v * (1.0 - end) - dv * bump * 3.0
            nx, ny = lu * cos - lv * sin, lu * sin + lv * cos
            size = math.sqrt(nx * nx + ny * ny + z * z)
            colour = base
            if fresh:
                green = max(0.0, min(1.0, (v * 0.5 - ripe + (here - 128) / 70) * 1.6))
                colour = (
                    int(base[0] + (150 - base[0]) * green),
                    int(base[1] + (146 - base[1]) * green),
                    int(base[2] + (62 - base[2]) * green),
                )
            stalk = math.hypot(u, (v + 0.93) * 2.2)
            hollow = here / 255 if not fresh else 0.9
            r, g, b = _shade((nx / size, ny / size, z / size), colour, hollow, gloss)
            if stalk < 0.16:
                r, g, b = (126, 88, 54) if stalk < 0.06 else (r // 2, g // 2, b // 2)
            at = (y * side + x) * 4
            alpha = 255 if reach <= 1.0 - 2 / length else int(255 * (1.0 + 2 / length - reach) * length / 4)
            pixels[at : at + 4] = bytes((r, g, b, max(0, min(255, alpha))))
    return Image.frombytes("RGBA", (side, side), bytes(pixels))


@lru_cache(maxsize=2)
def basketful(fresh: bool = False) -> tuple[Image.Image, ...]:
    """Fruits in every direction, drawn once for all pictures."""
    rng = Random("fresh" if fresh else "dried")
    turns = [i * math.pi / 7 for i in range(14)]
    return tuple(jujube(190, turn + rng.uniform(-0.1, 0.1), rng, fresh=fresh) for turn in turns)


def lay(picture: Image.Image, fruit: Image.Image, at: Spot, length: float, *, shade: float = 0.62) -> None:
    """Put one fruit down with its own soft shadow; `at` is its centre."""
    side = max(4, int(length * fruit.width / 190))
    small = fruit.resize((side, side), Image.Resampling.LANCZOS if side > 40 else Image.Resampling.BOX)
    x, y = int(at[0] - side / 2), int(at[1] - side / 2)
    margin = side // 4
    shadow = Image.new("L", (side + 2 * margin, side + 2 * margin))
    shadow.paste(small.getchannel("A").point(lambda v: int(v * shade)), (margin, margin))
    shadow = shadow.filter(ImageFilter.GaussianBlur(max(1.0, side / 14)))
    drop = max(1, side // 12)
    picture.paste((38, 14, 8), (x - margin + drop, y - margin + int(drop * 1.5)), shadow)
    picture.paste(small, (x, y), small)


def leaf(length: int, turn: float, rng: Random) -> Image.Image:
    """One glossy jujube leaf with its three veins; RGBA, cut out."""
    side = length * 2
    shape = Image.new("L", (side, side))
    pen = ImageDraw.Draw(shape)
    middle, wide = side / 2, length * rng.uniform(0.32, 0.4)
    parts = [t / 24 for t in range(25)]
    ups = [(middle + (t - 0.5) * length * 1.7, wide * abs(math.sin(math.pi * t**0.74)) ** 0.9) for t in parts]
    outline = [(x, middle - w) for x, w in ups] + [(x, middle + w) for x, w in reversed(ups)]
    pen.polygon(outline, fill=255)
    body = fade((side, side), (134, 160, 84), (36, 74, 38))
    veins = ImageDraw.Draw(body)
    start, end = ups[0][0], ups[-1][0]
    for bend in (-0.42, 0.0, 0.42):
        spine = [(start + (end - start) * t / 12, middle + bend * wide * math.sin(math.pi * t / 12)) for t in range(13)]
        veins.line(spine, fill=(128, 158, 92), width=max(1, length // 80))
    body = textured(body, rough((side, side), (6, 6), rng), 0.35)
    body.putalpha(shape)
    return body.rotate(-math.degrees(turn), Image.Resampling.BICUBIC).resize((length, length), Image.Resampling.LANCZOS)


def strew(picture: Image.Image, spots: list[tuple[float, float, float]], length: int, rng: Random) -> None:
    """Leaves at (left, top, turn), each with its shadow."""
    for x, y, turn in spots:
        one = leaf(length, turn, rng)
        shadow = one.getchannel("A").point(lambda v: v // 2).filter(ImageFilter.GaussianBlur(6))
        picture.paste((30, 14, 8), (int(x) + 8, int(y) + 12), shadow)
        picture.paste(one, (int(x), int(y)), one)
