"""Draws what was learnt as lines of characters, from the data that schema.py has read. Meaning is never in colour."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from grader.protocol import Shown
from grader.text import one_line

SPARKS = "▁▂▃▄▅▆▇█", "_.-=+*#@"  # low to high; in each pair the second is for terminals that lack the first
INK = " ░▒▓█", " .:+#"  # light to dark
AREAS = "░█▒▓·+*o~-", ".#+o*=~-:%"  # of the classes of a map
DASH = "…", "..."
SPARKS_WIDTH = 24
SYMBOLS = "0123456789abcdefghijklmnopqrstuvwxyz"  # of a sequence
TEXT_WIDTH = 72
GAP = "   "  # between pictures
ALL_POINTS = 20  # of a map; of more, the misread ones alone


def drawn(shown: Shown, blocks: bool, failing: bool) -> list[str]:
    """The lines of a picture. blocks: whether the terminal has more than ASCII. failing: to show what helps to find
    out why."""
    return _DRAWN[shown.kind](shown.data, 0 if blocks else 1, failing)


def stands_alone(shown: Shown) -> bool:
    """Whether a picture is as wide as it is and goes next to others; the others are lines below each other."""
    return shown.kind in ("map", "digits", "pictures", "table")


def side_by_side(pictures: Sequence[Sequence[str]], width: int) -> list[list[str]]:
    """Pictures as rows of lines, as many next to each other as the width has room for."""
    rows: list[list[str]] = []
    for picture in pictures:
        own = max(map(len, picture))
        lines = [line.ljust(own) for line in picture]
        if rows and len(rows[-1][0]) + len(GAP) + own <= width:
            height = max(len(rows[-1]), len(lines))
            left, right = ([*each, *[" " * len(each[0])] * (height - len(each))] for each in (rows[-1], lines))
            rows[-1] = [f"{one}{GAP}{other}" for one, other in zip(left, right, strict=True)]
        else:
            rows.append(lines)
    return rows


def has_blocks(encoding: str) -> bool:
    """Whether all signs exist in an encoding."""
    try:
        "".join(pair[0] for pair in (SPARKS, INK, AREAS, DASH)).encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def number(value: float) -> str:
    """A number with three significant digits."""
    return f"{value:.3g}"


def percent(value: float) -> str:
    """A share; 100 % is all of it."""
    if not 0 <= value <= 1:
        return number(value)
    return f"{math.floor(1000 * value) / 10:g} %"


def _line(data: Mapping, plain: int, failing: bool) -> list[str]:
    return [equation(*data["yours"]), f"{equation(*data['least_squares'])}   by least squares"]


def equation(slope: float, intercept: float) -> str:
    """A line, as it is written."""
    return f"y = {slope:.3f} x {'-' if intercept < 0 else '+'} {abs(intercept):.3f}"


def _curve(data: Mapping, plain: int, failing: bool) -> list[str]:
    losses = data["losses"]
    right, *known = of_curve(data, failing)
    return [right, f"loss {number(losses[0])} {sparks(losses, plain)} {number(losses[-1])}", *known]


def of_curve(data: Mapping, failing: bool) -> list[str]:
    """What is to be said of a curve: how much is right and, where it failed, what helps to find out why."""
    shares = ", ".join(map(percent, data["right"]))
    runs = f" in {len(data['right'])} runs" if len(data["right"]) > 1 else ""
    lines = [f"right {shares}{runs}"]
    if failing:
        known = number(math.log(data["classes"]))
        lines.append(f"before training {number(data['first'])}; guessing gives log {data['classes']} = {known}")
    if failing and data["without_gradient"]:
        lines.append(f"without a gradient: {', '.join(map(one_line, data['without_gradient']))}")
    return lines


def sparks(values: Sequence[float], plain: int) -> str:
    """A curve in one line, from 0 or the lowest value to the highest."""
    if len(values) > SPARKS_WIDTH:
        values = [values[round(i * (len(values) - 1) / (SPARKS_WIDTH - 1))] for i in range(SPARKS_WIDTH)]
    finite = [value for value in values if math.isfinite(value)]
    low, high = min([0.0, *finite]), max([0.0, *finite])
    return "".join(_spark((value - low) / (high - low or 1), SPARKS[plain]) for value in values)


def _spark(share: float, steps: str) -> str:
    return steps[min(int(share * len(steps)), len(steps) - 1)] if math.isfinite(share) else "?"


def _map(data: Mapping, plain: int, failing: bool) -> list[str]:
    cells = [[AREAS[plain][one] for one in row] for row in data["classes"]]
    left, right, bottom, top = data["extent"]
    rows, columns = len(cells), len(cells[0])
    points = list(zip(data["points"], data["guesses"], data["labels"], strict=True))
    for (x, y), guess, label in points:
        if guess == label and len(points) > ALL_POINTS:
            continue
        row, column = _place(y, top, bottom, rows), _place(x, left, right, columns)
        if row is not None and column is not None:
            cells[row][column] = "x" if guess != label else str(label)
    legend = [f"{AREAS[plain][one]} {one}" for one in sorted({one for row in data["classes"] for one in row})]
    legend += ["x misread"] if any(guess != label for _, guess, label in points) else []
    return [*("".join(row) for row in cells), "  ".join(legend)]


def _place(value: float, first: float, last: float, count: int) -> int | None:
    """The cell of a coordinate; None outside of the map."""
    share = (value - first) / (last - first) if last != first else math.nan
    return round(share * (count - 1)) if 0 <= share <= 1 else None


def _digits(data: Mapping, plain: int, failing: bool) -> list[str]:
    """Pictures next to each other, each pixel two characters wide."""
    if not data["images"]:
        return ["none"]
    side, images, captions = 8, [], []
    for image, guess, label in zip(data["images"], data["guesses"], data["labels"], strict=True):
        images.append([image[start : start + side] for start in range(0, len(image), side)])
        captions.append(f"you {guess}, truth {label}")
    return _pictures({"images": images, "captions": captions}, plain, failing)


def _pictures(data: Mapping, plain: int, failing: bool) -> list[str]:
    """Pictures of any size next to each other, each below its caption; a pixel (0 to 1) is two characters wide."""
    ink, columns = INK[plain], []
    height = max(map(len, data["images"]))
    for image, caption in zip(data["images"], data["captions"], strict=True):
        rows = ["".join(ink[_level(value, len(ink))] * 2 for value in row) for row in image]
        lines = [one_line(caption), *rows, *[""] * (height - len(rows))]
        columns.append([line.ljust(max(map(len, lines))) for line in lines])
    return ["  ".join(parts) for parts in zip(*columns, strict=True)]


def _level(value: float, count: int) -> int:
    """How dark a pixel between 0 and 1 is."""
    return round(min(max(value, 0.0), 1.0) * (count - 1)) if math.isfinite(value) else 0


def _sequence(data: Mapping, plain: int, failing: bool) -> list[str]:
    given, continued, right = (symbols(data[name]) for name in ("given", "continued", "right"))
    wrong = [one != other for one, other in zip(continued, right, strict=True)]
    lines = [f"{given} continued {continued}"]
    if any(wrong):
        width = len(lines[0]) - len(continued)
        lines.append(" " * width + "".join("^" if one else " " for one in wrong).rstrip())
        lines.append("right ".rjust(width) + right)
    return lines


def symbols(numbers: Sequence[int]) -> str:
    """A sequence in one word, a character for each symbol."""
    return "".join(SYMBOLS[one] for one in numbers)


def _text(data: Mapping, plain: int, failing: bool) -> list[str]:
    """The text line by line; long lines are broken, and what can't be shown stands as its escape."""
    lines = [one_line(line) for line in data["written"].split("\n")]
    lines = [line.encode("ascii", "replace").decode() for line in lines] if plain else lines
    parts = [[line[start : start + TEXT_WIDTH] for start in range(0, max(len(line), 1), TEXT_WIDTH)] for line in lines]
    return [part for each in parts for part in each]


def _table(data: Mapping, plain: int, failing: bool) -> list[str]:
    rows = cells(data)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in rows]


def cells(data: Mapping) -> list[list[str]]:
    """The texts in a table, row by row; the first row and the first column name the others."""
    shown = percent if data["percent"] else (lambda value: f"{value:{'.2f' if of_one_size(data) else '.1e'}}")
    named = zip(data["rows"], data["values"], strict=True)
    return [["", *map(one_line, data["columns"])], *([one_line(name), *map(shown, values)] for name, values in named)]


def of_one_size(data: Mapping) -> bool:
    """Whether the numbers in a table can be written next to each other without a power of ten."""
    return all(0.1 <= value < 100 for values in data["values"] for value in values)


_DRAWN: dict[str, Callable[[Mapping, int, bool], list[str]]] = {
    "line": _line,
    "curve": _curve,
    "map": _map,
    "digits": _digits,
    "pictures": _pictures,
    "sequence": _sequence,
    "table": _table,
    "text": _text,
}
