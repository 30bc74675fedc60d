"""Draws pictures as SVG for the lessons: text, boxes, arrows, curves; light and dark, small, and readable by name.

A picture is about 420 units wide, so that text of 14 units is read on a telephone. Each shape has a kind, which decides
its colour in both schemes. No meaning is carried by colour alone: what flows back is dashed, what is negative hatched.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from xml.sax.saxutils import escape, quoteattr

Point = tuple[float, float]

# Each colour in the light and in the dark scheme; the contrast of text with paper and fills is at least 4.5.
COLOURS = {
    "paper": ("#ffffff", "#0d1117"),
    "ink": ("#1f2328", "#e6edf3"),
    "soft": ("#57606a", "#9da7b3"),
    "rule": ("#8c959f", "#6e7681"),
    "fill": ("#f3f5f8", "#1a212b"),
    "forward": ("#0a5ca8", "#79b8ff"),
    "forward-fill": ("#e6f0fb", "#122a45"),
    "backward": ("#a63a06", "#ffa26b"),
    "backward-fill": ("#fdeee4", "#3a2114"),
    "third": ("#6639a6", "#c9a4ff"),
}
STYLE = """
text { font-family: system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; fill: var(--ink) }
.code { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace }
.bold { font-weight: 600 }
text.soft { fill: var(--soft) }
text.forward { fill: var(--forward) }
text.backward { fill: var(--backward) }
text.third { fill: var(--third) }
.box { fill: var(--fill); stroke: var(--rule); stroke-width: 1.2 }
.box.forward { fill: var(--forward-fill); stroke: var(--forward) }
.box.backward { fill: var(--backward-fill); stroke: var(--backward) }
.box.ghost { fill: none; stroke-dasharray: 3 3 }
.box.hatched { fill: url(#hatch) }
.box.bare { fill: none; stroke: none }
.line { fill: none; stroke: var(--rule); stroke-width: 1.6; stroke-linejoin: round; stroke-linecap: round }
.line.forward { stroke: var(--forward) }
.line.backward { stroke: var(--backward); stroke-dasharray: 5 4 }
.line.third { stroke: var(--third); stroke-dasharray: 1 4 }
.line.rule { stroke-width: 1; opacity: 0.55 }
.line.thick { stroke-width: 2.6 }
.points { fill: none; stroke-width: 3.4; stroke-linecap: round; stroke: var(--rule) }
.points.square { stroke-linecap: square }
.points.forward { stroke: var(--forward) }
.points.backward { stroke: var(--backward) }
.over { paint-order: stroke; stroke: var(--paper); stroke-width: 5; stroke-linejoin: round }
.area { stroke: none; fill: var(--fill) }
.area.forward { fill: var(--forward-fill) }
.area.backward { fill: var(--backward-fill) }
.area.hatched { fill: url(#hatch) }
.head { fill: var(--rule) }
.head.forward { fill: var(--forward) }
.head.backward { fill: var(--backward) }
.head.third { fill: var(--third) }
"""


class Picture:
    """A drawing that grows by what is called on it; `svg()` is its text."""

    def __init__(self, width: int, height: int, title: str, description: str):
        self.width, self.height = width, height
        self.title, self.description = title, description
        self.parts: list[str] = []

    def text(self, x: float, y: float, words: str, kind: str = "", anchor: str = "start", size: float = 14) -> None:
        """Words with their baseline at y. anchor: start, middle or end. kinds: soft, bold, code, forward, backward.

        With the kind `over` they stay readable on top of lines.
        """
        self._add("text", {"x": x, "y": y, "class": kind, "text-anchor": anchor, "font-size": size}, words)

    def box(self, x: float, y: float, width: float, height: float, kind: str = "", round: float = 6) -> None:
        """A rectangle from its upper left corner. kinds: forward, backward, ghost, hatched, bare."""
        size = {"width": width, "height": height, "rx": round}
        self._add("rect", {"x": x, "y": y, **size, "class": f"box {kind}".strip()})

    def line(self, points: Iterable[Point], kind: str = "") -> None:
        """Lines from point to point. kinds: forward (solid), backward (dashed), third (dotted), rule, thick."""
        places = " ".join(f"{number(x)},{number(y)}" for x, y in points)
        self._add("polyline", {"points": places, "class": f"line {kind}".strip()})

    def arrow(self, points: Sequence[Point], kind: str = "") -> None:
        """The same with a head at the last point."""
        (x0, y0), (x, y) = points[-2:]
        length = math.hypot(x - x0, y - y0)
        dx, dy = (x - x0) / length, (y - y0) / length
        base = (x - 8 * dx, y - 8 * dy)
        self.line([*points[:-1], base], kind)
        corners = [(x, y), (base[0] - 4 * dy, base[1] + 4 * dx), (base[0] + 4 * dy, base[1] - 4 * dx)]
        places = " ".join(f"{number(a)},{number(b)}" for a, b in corners)
        self._add("polygon", {"points": places, "class": f"head {kind}".strip()})

    def dot(self, x: float, y: float, radius: float = 3, kind: str = "") -> None:
        """A filled circle."""
        self._add("circle", {"cx": x, "cy": y, "r": radius, "class": f"head {kind}".strip()})

    def path(self, commands: str, kind: str) -> None:
        """A path in SVG's own commands. kinds: those of a line; area or points, with a colour, hatched, square."""
        self._add("path", {"d": commands, "class": kind})

    def matrix(
        self,
        x: float,
        y: float,
        rows: Sequence[Sequence[object]],
        kind: str | Callable[[int, int], str] = "",
        cell: Point = (34, 28),
    ) -> None:
        """Numbers in boxes, a row below the other. kind: one for all cells, or a function of row and column."""
        width, height = cell
        cells = [(i, j, kind(i, j) if callable(kind) else kind) for i, row in enumerate(rows) for j in range(len(row))]
        for i, j, of_cell in sorted(cells, key=lambda each: each[2] not in ("", "ghost")):  # the edges of others on top
            words = signed(rows[i][j]) if isinstance(rows[i][j], int | float) else str(rows[i][j])
            self.box(x + j * width, y + i * height, width, height, of_cell, round=0)
            of_text = {"": "", "ghost": "soft"}.get(of_cell, "bold")
            self.text(x + (j + 0.5) * width, y + (i + 0.5) * height + 5, words, of_text, "middle", 14)

    def svg(self) -> str:
        """The whole picture."""
        light, dark = (" ".join(f"--{name}: {both[which]};" for name, both in COLOURS.items()) for which in (0, 1))
        lines = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}" '
            f'width="{self.width * 1.25:g}" height="{self.height * 1.25:g}" role="img" aria-labelledby="title desc">',
            f'<title id="title">{escape(self.title)}</title>',
            f'<desc id="desc">{escape(self.description)}</desc>',
            f"<style>\nsvg {{ {light} }}\n@media (prefers-color-scheme: dark) {{ svg {{ {dark} }} }}{STYLE}</style>",
            '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" '
            'patternTransform="rotate(45)"><rect width="6" height="6" '
            'fill="var(--backward-fill)"/><path d="M0 0V6" stroke="var(--backward)" opacity="0.6"/></pattern></defs>',
            f'<rect width="{self.width}" height="{self.height}" rx="8" fill="var(--paper)"/>',
        ]
        return "\n".join([*lines, *self.parts, "</svg>", ""])

    def _add(self, tag: str, attributes: dict[str, object], content: str | None = None) -> None:
        given = "".join(f" {name}={quoteattr(_number(value))}" for name, value in attributes.items() if value != "")
        self.parts.append(f"<{tag}{given}/>" if content is None else f"<{tag}{given}>{escape(content)}</{tag}>")


class Axes:
    """The frame of a plot: it turns numbers into places. `log` is for a vertical axis in powers of ten."""

    def __init__(self, picture: Picture, corner: Point, size: Point, x: Point, y: Point, log: bool = False):
        self.picture, self.corner, self.size = picture, corner, size
        self.x, self.y, self.log = x, y, log

    def place(self, x: float, y: float) -> Point:
        """Where a point is drawn. A number outside the range lies on the edge."""
        (left, top), (width, height) = self.corner, self.size
        low, high, y = (math.log10(max(each, 1e-300)) if self.log else each for each in (*self.y, y))
        across = (x - self.x[0]) / (self.x[1] - self.x[0])
        up = (y - low) / (high - low)
        return left + width * min(max(across, 0), 1), top + height * (1 - min(max(up, 0), 1))

    def frame(self, xs: dict[float, str], ys: dict[float, str]) -> None:
        """Lines at these numbers, each with its label; no label, no words."""
        (left, top), (width, height) = self.corner, self.size
        for number, label in xs.items():
            x, _ = self.place(number, self.y[0])
            self.picture.line([(x, top), (x, top + height)], "rule")
            self.picture.text(x, top + height + 16, label, "soft", "middle", 13) if label else None
        for number, label in ys.items():
            _, y = self.place(self.x[0], number)
            self.picture.line([(left, y), (left + width, y)], "rule")
            self.picture.text(left - 6, y + 5, label, "soft", "end", 13) if label else None

    def curve(self, xs: Iterable[float], ys: Iterable[float], kind: str) -> None:
        """A line through the points."""
        self.picture.line([self.place(x, y) for x, y in zip(xs, ys, strict=True)], kind)


def power_of_ten(exponent: int) -> str:
    """10 with an exponent, as a label."""
    return "10" + str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def number(value: float) -> str:
    """A coordinate, to a tenth of a unit: what two machines compute is drawn alike."""
    return f"{round(value, 1) + 0.0:g}"


def signed(value: float) -> str:
    """A number as a picture shows it: at most six digits, with a true minus sign."""
    return f"{value:.6g}".replace("-", "−")


def _number(value: object) -> str:
    return number(value) if isinstance(value, int | float) else str(value)
