"""Parsons problems: the lines of an idea, shuffled among lines that are wrong, to be put in order (CONTRIBUTING.md)."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MOST = 12  # lines; so q, which leaves, is not the letter of a line
RIGHT = re.compile(r"(?P<name>[a-z]+)(?:, after (?P<after>[a-z]+(?:, [a-z]+)*))?: (?P<text>.+)")
WRONG = re.compile(r"wrong, (?P<mistake>[a-z0-9-]+): (?P<text>.+?) => (?P<outcome>.+)")
FORMS = "`name: text`, `name, after other, another: text` or `wrong, id-of-the-mistake: text => what would happen`"


@dataclass(frozen=True)
class Right:
    """A line that belongs to the idea. after: the names of those that it needs before it."""

    name: str
    text: str
    after: tuple[str, ...] = ()


@dataclass(frozen=True)
class Wrong:
    """A line that does not: a catalogued mistake, and what would happen."""

    mistake: str
    text: str
    outcome: str


@dataclass(frozen=True)
class Parsons:
    """A problem. right: the lines in an order that is right, as is every other that `after` allows."""

    right: tuple[Right, ...]
    wrong: tuple[Wrong, ...]

    def shuffled(self, seed: object) -> list[Right | Wrong]:
        """All lines, in an order that is not right."""
        generator, lines = random.Random(str(seed)), [*self.right, *self.wrong]
        while True:
            generator.shuffle(lines)
            if any(self.misplaced([line for line in lines if isinstance(line, Right)])):
                return lines

    def missing(self, order: Sequence[Right | Wrong]) -> list[Right]:
        """The lines of the idea that an order lacks."""
        return [line for line in self.right if line not in order]

    def misplaced(self, order: Sequence[Right | Wrong]) -> Iterator[tuple[Right, Right]]:
        """The lines of an order that come too early, each with one that it needs before it."""
        places = {line.name: (place, line) for place, line in enumerate(order) if isinstance(line, Right)}
        for place, line in places.values():
            for name in line.after:
                if name in places and places[name][0] > place:
                    yield line, places[name][1]

    def solved_by(self, order: Sequence[Right | Wrong]) -> bool:
        """Whether an order has every line of the idea once, in an order that is right, and no other."""
        whole = len(order) == len(self.right) and not self.missing(order)
        return whole and not any(self.misplaced(order))


def parsons(items: Sequence[str]) -> Parsons:
    """The problem that the items of a list state; ValueError where they do not."""
    right: list[Right] = []
    wrong: list[Wrong] = []
    for item in items:
        match = WRONG.fullmatch(item) or RIGHT.fullmatch(item)
        if match is None or match.groupdict().get("name") == "wrong":
            raise ValueError(f"{item!r} is not a line of a Parsons problem: write {FORMS}")
        if match.re is WRONG:
            wrong.append(Wrong(**match.groupdict()))
            continue
        known = [line.name for line in right]
        after = tuple((match["after"] or "").split(", ")) if match["after"] else ()
        if match["name"] in known:
            raise ValueError(f"two lines of the Parsons problem are called {match['name']}")
        for name in after:
            if name not in known:
                raise ValueError(f"{match['name']} comes after {name}, which is not the name of a line above it")
        right.append(Right(match["name"], match["text"], after))
    if not wrong or not any(line.after for line in right):
        raise ValueError("a Parsons problem needs a line that is wrong, and one that comes `after` another")
    if len(items) > MOST:
        raise ValueError(f"a Parsons problem has at most {MOST} lines, and this one has {len(items)}")
    return Parsons(tuple(right), tuple(wrong))
