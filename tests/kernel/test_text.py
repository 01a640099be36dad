import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.text import folded, tidy

# 薴 is simplified to 苧, which is itself a traditional character.
ANYTHING = st.text(st.characters(exclude_categories=[], exclude_characters="薴"))


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  红枣\t5 斤\r\n ", "红枣 5 斤"),
        ("红\u200b枣\ufeff", "红枣"),
        ("ＡＢ１２", "AB12"),
        ("a\0b\x07", "ab"),
        ("\ud800枣", "枣"),
        ("紅棗 Box", "紅棗 Box"),
    ],
)
def test_tidy_text_has_no_invisible_characters_and_single_spaces(typed: str, kept: str) -> None:
    assert tidy(typed) == kept


@pytest.mark.parametrize(
    ("typed", "compared"),
    [("紅棗", "红枣"), ("Hóng Zǎo", "hong zao"), ("ＬＶ", "lv"), ("lǜ", "lu"), ("İ", "i"), ("がく", "がく")],
)
def test_folded_text_forgets_case_script_width_and_accents(typed: str, compared: str) -> None:
    assert folded(typed) == compared


@given(ANYTHING)
def test_folding_is_done_after_one_time(text: str) -> None:
    assert folded(folded(text)) == folded(text)


@given(ANYTHING)
def test_tidying_is_done_after_one_time(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)
