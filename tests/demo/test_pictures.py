from io import BytesIO

import pytest
from PIL import Image

from app.demo.pictures import KINDS, draw


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_a_wide_photo_full_of_colours(kind: str) -> None:
    picture = Image.open(BytesIO(draw(kind, seed=1)))

    assert (picture.format, picture.size) == ("JPEG", (1200, 900))
    assert len(picture.resize((40, 30)).getcolors(1200) or []) > 300


def test_the_same_seed_draws_the_same_picture() -> None:
    assert draw("box", seed=4) == draw("box", seed=4)


def test_another_seed_draws_another_picture() -> None:
    assert draw("box", seed=4) != draw("box", seed=5)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(KeyError):
        draw("yacht", seed=1)
