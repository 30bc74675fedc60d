"""Makes ids: names that are safe as file names on every system, and unique there."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Sequence

LONGEST = 60  # a path of Windows may have 260 characters
# Names of devices on Windows, also with an extension.
PORTS = [f"{port}{number}" for port in ("com", "lpt") for number in range(10)]
RESERVED = {"con", "prn", "aux", "nul", "conin$", "conout$", *PORTS}
# Letters that Unicode does not take apart into a letter and a mark.
LETTERS = str.maketrans({"ß": "ss", "ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE",
                         "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ı": "i"})  # fmt: skip


def plain(text: str) -> str:
    """The text without accents on its letters, as file names and comparisons of people's names need it."""
    apart = unicodedata.normalize("NFKD", text.translate(LETTERS))
    return "".join(c for c in apart if not unicodedata.combining(c))


def safe_id(text: str) -> str:
    """An id made from any text. Where letters are lost, or the text is long, a few digits of its hash tell it apart."""
    letters = plain(text)
    kept = re.sub(r"[^A-Za-z0-9_.@+-]+", "-", letters)
    kept = re.sub(r"^[^A-Za-z0-9_]+|[^A-Za-z0-9_]+$", "", kept)  # no option, formula, hidden file, or dot at the end
    lost = any(not c.isascii() and c.isalnum() for c in letters) or not kept
    if kept.split(".")[0].lower() in RESERVED:
        kept = f"id-{kept}"
    if lost or len(kept) > LONGEST:
        kept = f"{kept[: LONGEST - 9]}-{_digits(text)}".lstrip("-")
    return kept


def unique_ids(texts: Sequence[str], taken: Collection[str] = ()) -> list[str]:
    """An id for each text. Those that would be one file's name on some system get digits of their own."""
    wished = [safe_id(text) for text in texts]
    count = Counter(one.casefold() for one in wished)
    used = {one.casefold() for one in taken}
    ids = []
    for text, one in zip(texts, wished, strict=True):
        if count[one.casefold()] > 1 or one.casefold() in used:
            one = f"{one[: LONGEST - 9]}-{_digits(text)}"
        while one.casefold() in used:  # the same text twice, or an id that looks like one of these
            one = f"{one[: LONGEST - 9]}-{_digits(one)}"
        used.add(one.casefold())
        ids.append(one)
    return ids


def _digits(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
