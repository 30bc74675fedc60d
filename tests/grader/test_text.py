"""Texts from outside, as they are shown."""

import pytest

from grader.text import one_line

PERSIAN, HINDI, MALAYALAM = "علی\u200cرضا", "रक्\u200dषा", "രാജന്\u200d"
SHE_WRITES, SHE_HEALS = "\U0001f469\u200d\U0001f4bb", "\U0001f469\U0001f3fd\u200d\u2695\ufe0f"  # pictures of two


@pytest.mark.parametrize("name", [PERSIAN, HINDI, MALAYALAM, f"{PERSIAN} {HINDI}", "ਸ੍\u200cਰੀ", SHE_WRITES, SHE_HEALS])
def test_joiners_stand_where_languages_write_them(name):
    assert one_line(name) == name


@pytest.mark.parametrize(
    "name",
    ["a\u200cb", "a\u200db", "क\u200dष", "ع\u200dا", "ع\u200cक", f"{PERSIAN}\u200c", "\u200cع", "ع\u200c\u200cا",
     SHE_WRITES[:2], SHE_WRITES[1:], f"a{SHE_WRITES[1:]}", "ع\u202eا", "क्\u200bष", "ع\u2066ا", "1\u200c2", "ع\u200c ا"],
)  # fmt: skip
def test_what_else_can_not_be_seen_is_escaped(name):
    assert "\\u20" in one_line(name)
