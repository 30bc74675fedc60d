"""Draws what was learnt for a page, as SVG and tables, from the data that drawings.py draws as characters.

Text stays text, colours follow the page's scheme, and what a colour says a shape, a pattern or a word says as well.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from .drawings import ALL_POINTS, cells, equation, number, of_curve, of_one_size, symbols
from .markup import Html, element

WIDTH, HEIGHT = 320, 180  # of a plot, in CSS pixels: it fits on a narrow page
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 10, 26  # margins, with the numbers at the axes
SIDE, PIXEL = 8, 10  # of a digit
DASHES = (None, "7 4", "2 4", "10 3 2 3", "1 3", "12 5", "4 2", "8 2 2 2")  # of the lines of a plot
HATCHES = ("", "M0 8L8 0", "M0 4H8", "M4 0V8", "M0 0L8 8M0 8L8 0", "M0 4H8M4 0V8", "M3 4H5", "M0 0L8 8")
HATCHES += ("M0 2H8M0 6H8", "M2 0V8M6 0V8")  # of the areas of a map's classes
LARGEST = 1e30  # numbers beyond it are not drawn


def picture(shown: Mapping[str, Any], number: int, failing: bool) -> Html:
    """A figure. number: its own on the page. failing: to say what helps to find out why."""
    content = _DRAWN[shown["kind"]](shown["data"], shown["title"], f"p{number}", failing)
    return element("figure", element("figcaption", shown["title"]), *content, class_=f"picture is-{shown['kind']}")


def _line(data: Mapping, title: str, name: str, failing: bool) -> Iterator[Html]:
    lines = {"yours": data["yours"], "least squares": data["least_squares"]}
    texts = {label: equation(*line) for label, line in lines.items()}
    ends = {label: [(x, slope * x + at_zero) for x in (-1.0, 1.0)] for label, (slope, at_zero) in lines.items()}
    yield from _plot(title, ends, ("x = -1", "1"))
    yield _key([f"{label}: {texts[label]}" for label in lines])


def _curve(data: Mapping, title: str, name: str, failing: bool) -> Iterator[Html]:
    losses, guessing = data["losses"], math.log(data["classes"])
    series = {"loss": list(enumerate(losses, 1))}
    key = [f"loss, from {number(losses[0])} to {number(losses[-1])}"]
    if failing:
        series["guessing"] = [(1, guessing), (max(2, len(losses)), guessing)]
        key.append("the loss of guessing")
    yield from _plot(title, series, ("epoch 1", str(len(losses))), from_zero=True)
    yield _key(key)
    for text in of_curve(data, failing):
        yield element("p", text)


def _table(data: Mapping, title: str, name: str, failing: bool) -> Iterator[Html]:
    head, *rows = cells(data)
    positive = all(0 < value < LARGEST for values in data["values"] for value in values)
    if not data["percent"] and positive and len(data["columns"]) > 2:  # sizes over time, which mostly shrink by factors
        even = of_one_size(data)
        series = {
            row: [(place, value if even else math.log10(value)) for place, value in enumerate(values)]
            for row, values in zip(data["rows"], data["values"], strict=True)
        }
        yield from _plot(title, series, (head[1], head[-1]), number if even else lambda value: f"1e{value:.0f}")
        yield _key(list(series))
    names = [element("th", text, scope="col", class_="number") for text in head[1:]]
    lines = [element("tr", element("td", head[0]), *names)]
    for first, *others in rows:
        texts = [element("td", text, class_="number") for text in others]
        lines.append(element("tr", element("th", first, scope="row"), *texts))
    yield element("div", element("table", *lines), class_="wide", tabindex="0", role="region", aria_label=title)


def _map(data: Mapping, title: str, name: str, failing: bool) -> Iterator[Html]:
    """The areas of the classes, each with a pattern, and on them the points, each class with a shape."""
    left, right, bottom, top = data["extent"]
    width, height = right - left, top - bottom
    classes = sorted({one for row in data["classes"] for one in row} | {*data["labels"]})
    misread = [guess != label for guess, label in zip(data["guesses"], data["labels"], strict=True)]
    if not (0 < width < LARGEST and 0 < height < LARGEST) or math.isinf(width / height):
        yield element("p", "It can't be drawn: its edges are not numbers.")
        return
    tall = min(max(WIDTH * height / width, WIDTH / 3), WIDTH * 1.25)
    parts = [element("defs", *(_pattern(name, one) for one in classes))]
    down, across = tall / len(data["classes"]), WIDTH / len(data["classes"][0])
    for row, line in enumerate(data["classes"]):
        place = 0
        for one, run in itertools.groupby(line):
            length = len(list(run))
            parts.append(_rect(place * across, row * down, length * across, down, fill=f"url(#{name}-{one})"))
            place += length
    for (x, y), label, wrong in zip(data["points"], data["labels"], misread, strict=True):
        h, v = WIDTH * _share(x, left, right), tall * (1 - _share(y, bottom, top))
        if 0 <= h <= WIDTH and 0 <= v <= tall:
            parts += _mark(label, h, v, wrong, 6 if len(misread) <= ALL_POINTS else 3)
    count = sum(misread)
    said = f"{count} of {len(misread)} points misread" if misread else "no points"
    yield _svg(f"Decision map of {title}: {said}", WIDTH, tall, *parts, class_="map")
    key = []
    for one in classes:
        square = _rect(0, 0, 22, 16, fill=f"url(#{name}-{one})")
        mark = _mark(one, 11, 8, False, 4) if one in data["labels"] else []
        key.append((_svg(None, 22, 16, square, *mark), f"class {one}"))
    if count:
        key.append((_svg(None, 22, 16, *_cross(11, 8)), said))
    items = [element("li", sample, " ", text) for sample, text in key]
    yield element("ul", *items, class_="key")


def _digits(data: Mapping, title: str, name: str, failing: bool) -> Iterator[Html]:
    if not data["images"]:
        yield element("p", "none")
    images = [[image[start : start + SIDE] for start in range(0, len(image), SIDE)] for image in data["images"]]
    pairs = zip(data["guesses"], data["labels"], strict=True)
    yield _images(images, [f"you {guess}, truth {label}" for guess, label in pairs], "A handwritten digit")


def _pictures(data: Mapping, title: str, name: str, failing: bool) -> Iterator[Html]:
    yield _images(data["images"], data["captions"], title)


def _images(images: Sequence[Sequence[Sequence[float]]], captions: Sequence[str], what: str) -> Html:
    """Pictures of any size next to each other, each with its caption; a pixel is between 0 and 1."""
    parts = []
    for image, caption in zip(images, captions, strict=True):
        pixels = [
            _rect(x * PIXEL, y * PIXEL, PIXEL, PIXEL, class_="ink", fill_opacity=f"{ink:.2f}")
            for y, row in enumerate(image)
            for x, ink in enumerate(min(max(value, 0.0), 1.0) if math.isfinite(value) else 0.0 for value in row)
            if ink > 0
        ]
        width = max(map(len, image), default=0)
        drawn = _svg(f"{what}: {caption}", width * PIXEL, len(image) * PIXEL, *pixels, class_="digit")
        parts.append(element("li", drawn, element("span", caption)))
    return element("ul", *parts, class_="digits")


def _sequence(data: Mapping, title: str, name: str, failing: bool) -> Iterator[Html]:
    """What was given, and how it went on; a wrong guess has the right symbol below it."""
    parts = []
    for one, other in zip(data["continued"], data["right"], strict=True):
        one, other = symbols([one]), symbols([other])
        guess = [element("del", one), element("ins", other)] if one != other else [one]
        parts.append(element("span", *guess))
    yield element("p", "given ", element("b", symbols(data["given"])), ", continued ", *parts, class_="symbols")
    wrong = sum(one != other for one, other in zip(data["continued"], data["right"], strict=True))
    if wrong:
        yield element("p", f"{wrong} wrong: struck out, with the right symbol below", class_="quiet small")


def _text(data: Mapping, title: str, name: str, failing: bool) -> Iterator[Html]:
    yield element("pre", data["written"], class_="written")


def _plot(
    title: str,
    series: Mapping[str, Sequence[tuple[float, float]]],
    ends: tuple[str, str],
    words: Callable[[float], str] = number,
    from_zero: bool = False,
) -> Iterator[Html]:
    """Lines in one plot, each with dashes of its own. ends: what stands at both ends of the axis below. from_zero:
    whether the other axis begins there. Nothing where there are no numbers to draw."""
    drawn = {label: [point for point in line if abs(point[1]) < LARGEST] for label, line in series.items()}
    points = [point for line in drawn.values() for point in line]
    if not points:
        return
    low = min([y for _, y in points] + [0.0] * from_zero)
    high = max([y for _, y in points] + [0.0] * from_zero)
    first, last = min(x for x, _ in points), max(x for x, _ in points)

    def place(x: float, y: float) -> tuple[float, float]:
        across, up = _share(x, first, last), _share(y, low, high)
        return LEFT + across * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - up * (HEIGHT - TOP - BOTTOM)

    floor = HEIGHT - BOTTOM
    parts = [
        element("path", d=f"M{LEFT} {TOP}V{floor}H{WIDTH - RIGHT}", class_="axis"),
        element("text", words(high), x=LEFT - 5, y=TOP + 8, text_anchor="end"),
        element("text", words(low), x=LEFT - 5, y=floor, text_anchor="end"),
        element("text", ends[0], x=LEFT, y=HEIGHT - 8),
        element("text", ends[1], x=WIDTH - RIGHT, y=HEIGHT - 8, text_anchor="end"),
    ]
    for position, line in enumerate(drawn.values()):
        places = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(*point) for point in line))
        parts.append(element("polyline", points=places, class_=f"line line-{position % 3}", **_dashes(position)))
    yield _svg(f"{title}: {', '.join(series)}", WIDTH, HEIGHT, *parts)


def _share(value: float, low: float, high: float) -> float:
    """Where a value is between two others, from 0 to 1; in the middle where they are the same."""
    return (value - low) / (high - low) if high != low else 0.5


def _key(texts: Sequence[str]) -> Html:
    """What the lines of a plot are, each with a piece of it."""
    items = []
    for position, text in enumerate(texts):
        sample = element("path", d="M0 8H34", class_=f"line line-{position % 3}", **_dashes(position))
        items.append(element("li", _svg(None, 34, 16, sample), " ", text))
    return element("ul", *items, class_="key")


def _dashes(position: int) -> dict[str, str | None]:
    return {"stroke_dasharray": DASHES[position % len(DASHES)]}


def _svg(title: str | None, width: float, height: float, *content: Html, class_: str | None = None) -> Html:
    """A drawing; without a title it only repeats what a text next to it says."""
    size = {"viewBox": f"0 0 {width:g} {height:g}", "width": f"{width:g}", "height": f"{height:g}", "class_": class_}
    if title is None:
        return element("svg", *content, **size, aria_hidden="true")
    return element("svg", *content, **size, role="img", aria_label=title)


def _rect(x: float, y: float, width: float, height: float, **attributes: object) -> Html:
    places = {"x": f"{x:.1f}", "y": f"{y:.1f}", "width": f"{width:.1f}", "height": f"{height:.1f}"}
    return element("rect", **places, **attributes)


def _pattern(name: str, one: int) -> Html:
    """The area of a class: even, or with lines of its own."""
    ground = _rect(0, 0, 8, 8, class_=f"area area-{one % 3}")
    content = [ground, *([element("path", d=HATCHES[one], class_="hatch")] if HATCHES[one] else [])]
    return element("pattern", *content, id=f"{name}-{one}", width=8, height=8, patternUnits="userSpaceOnUse")


def _mark(label: int, x: float, y: float, wrong: bool, size: float) -> list[Html]:
    """A point: a circle, a square or a triangle; a misread one is crossed out."""
    shapes = (
        f"M{x - size:.1f} {y:.1f}a{size} {size} 0 1 0 {2 * size} 0a{size} {size} 0 1 0 {-2 * size} 0z",
        f"M{x - 0.9 * size:.1f} {y - 0.9 * size:.1f}h{1.8 * size:.1f}v{1.8 * size:.1f}h{-1.8 * size:.1f}z",
        f"M{x:.1f} {y - 1.2 * size:.1f}l{1.2 * size:.1f} {2.1 * size:.1f}h{-2.4 * size:.1f}z",
    )
    mark = element("path", d=shapes[label % 3], class_=f"point point-{label % 3}")
    return [mark, *(_cross(x, y) if wrong else [])]


def _cross(x: float, y: float) -> list[Html]:
    return [element("path", d=f"M{x - 6:.1f} {y - 6:.1f}l12 12m0 -12l-12 12", class_="misread")]


_DRAWN: dict[str, Callable[[Mapping, str, str, bool], Iterator[Html]]] = {
    "line": _line,
    "curve": _curve,
    "map": _map,
    "digits": _digits,
    "pictures": _pictures,
    "sequence": _sequence,
    "table": _table,
    "text": _text,
}
