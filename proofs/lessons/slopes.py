"""Compares the derivatives that lessons print in tables with central differences in float64.

    <!-- slopes -->
    | z | where | dL/dx | dL/dy |
    |---|---|---|---|
    | x / y | | grad / y | -grad · x / y² = -grad · z / y |
    | max(x, 0) | x > 0 | grad | |

The first column states the result, and its heading names it. A column `dL/dx` is its gradient, with the upstream
gradient `grad`; `dz/dx` is the derivative of z itself. Both sides of a = must be right. Other columns are prose. The
table may lie on its side: results in the first row, derivatives' names in the first column.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence

import numpy as np

from .formulas import Formula, FormulaError, condition, formula, names_in
from .pages import Page

MARK = "<!-- slopes -->"
DERIVATIVE = re.compile(r"d(\w)/d(\w)")
POINTS, DRAWS, STEP, TOLERANCE = 5, 400, 1e-5, 1e-6
Row = tuple[int, list[str]]  # its line, and its cells


def wrong_slopes(pages: Sequence[Page]) -> Iterator[tuple[str, str]]:
    """Where a table of slopes is wrong, and each table that looks like one and is not marked."""
    for page in pages:
        for marked, rows in tables(page):
            (line, heading), *body = rows
            if not marked:
                if any(map(derivative, heading)) or any(derivative(cells[0]) for _, cells in body):
                    yield f"{page.name}:{line}", f"a table of derivatives needs the line {MARK} above it"
                continue
            for number, what in faults(rows):
                yield f"{page.name}:{number}", what


def tables(page: Page) -> Iterator[tuple[bool, list[Row]]]:
    """The tables that are written by hand, and whether each is marked as one of slopes."""
    before, generated = "", False
    for is_table, lines in itertools.groupby(page.prose, key=lambda numbered: numbered[1].startswith("|")):
        found = list(lines)
        if is_table and not generated:
            rows = [(number, cells(line)) for number, line in found if not re.fullmatch(r"[|:\- ]+", line)]
            yield before == MARK, rows
        elif not is_table:
            before = found[-1][1].strip()
            generated = before.startswith("<!-- table: ")


def cells(line: str) -> list[str]:
    """A row's cells; a bar within one is written with a backslash."""
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]


def derivative(cell: str) -> re.Match | None:
    """What a heading such as dL/dx says."""
    return DERIVATIVE.fullmatch(cell.strip("`* "))


def faults(rows: list[Row]) -> Iterator[tuple[int, str]]:
    """What is wrong in a table, by the page's lines."""
    if any(derivative(own[0]) for _, own in rows[1:]):
        rows = on_its_side(rows)
    (line, heading), *body = rows
    result = heading[0].strip("`* ")
    wanted = {place: found for place, cell in enumerate(heading) if (found := derivative(cell))}
    where = next((place for place, cell in enumerate(heading) if cell == "where"), None)
    if not wanted:
        yield line, f"no column is headed like dL/dx: {' | '.join(heading)}"
    for number, own in body:
        own += [""] * (len(heading) - len(own))
        try:
            only_if = own[where] if where is not None else ""
            function, points = around(own[0], only_if, result, {found[2] for found in wanted.values()})
            for place, found in wanted.items():
                what = fault(own[place], found[0], function, points, result, names_in(own[0]))
                if what is not None:
                    yield number, f"{heading[place]} of {own[0]}: {what}"
        except FormulaError as error:
            yield number, str(error)


def on_its_side(rows: list[Row]) -> list[Row]:
    """A table with the results in its first row, as one with the results in its first column."""
    columns = itertools.zip_longest(*(own for _, own in rows), fillvalue="")
    return [(rows[0][0], list(column)) for column in columns]


def around(text: str, only_if: str, result: str, variables: set[str]) -> tuple[Formula, list[dict[str, float]]]:
    """The function that a cell states, and points around which it and its condition make sense."""
    names = {name for name in names_in(text) if name in variables or name not in ("e", "π")}
    function = formula(text, names)
    holds = condition(only_if, names) if only_if else lambda values: True
    generator, points = np.random.default_rng(0), []
    with np.errstate(all="ignore"):
        for _ in range(DRAWS):
            point = dict(zip(sorted(names), generator.uniform(-2, 2, len(names)), strict=True))
            if holds(point) and np.isfinite(function(point)) and len(points) < POINTS:
                points.append({**point, result: function(point), "grad": generator.uniform(0.5, 2.0)})
    if not points:
        raise FormulaError(f"no numbers between -2 and 2 were found for {text} where {only_if or 'it is finite'}")
    return function, points


def fault(
    cell: str, heading: str, function: Formula, points: list[dict[str, float]], result: str, names: set[str]
) -> str | None:
    """What is wrong with a derivative; None where each form of it equals central differences."""
    of, by = derivative(heading).groups()
    if not cell:
        return "it is missing" if by in names else None
    for form in cell.split("="):
        stated = formula(form.strip(), {*points[0]})
        for point in points:
            above, below = (function({**point, by: point[by] + step}) if by in point else 0.0 for step in (STEP, -STEP))
            measured = (above - below) / (2 * STEP) * (1.0 if of == result else point["grad"])
            said = stated(point)
            if not abs(said - measured) <= TOLERANCE * max(1.0, abs(measured)):
                at = ", ".join(f"{name} = {value:.3g}" for name, value in point.items())
                return f"{form.strip()} is {said:.6g}, and central differences give {measured:.6g}, at {at}"
    return None
