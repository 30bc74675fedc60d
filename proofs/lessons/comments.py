"""What a comment in a fence says of its line, and whether that is what the line shows.

    x.shape                # (2, 3)                          exactly this
    x.mean().item()        # 0.333..., a third               ... leaves something out; prose follows a comma or colon
    y.tolist()             # [0.9, 1.1], rounded             numbers to the digits shown
    x @ y                  # ShapeError: inner sizes         the line raises this; the text is prose,
    x @ y                  # ShapeError: ...(2, 3)...        unless it has ... in it
    y.backward()           # fails now                       raises while the task and all later ones are stubs
    x.grad.item()          # fails now, then 7.0             and shows this when they are written

In a loop the values stand one after the other: `# 0.5, 0.25, 0.125`. A comment on a line that is not an expression is
prose, as is a comment on a line of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

NUMBER = r"[-+]?(?:\d+\.?\d*(?:e[-+]?\d+)?|inf|nan)"
ERROR = re.compile(r"(\w*(?:Error|Exception|Iteration|Interrupt))\b(?:: (.*))?")
NOW = re.compile(r"fails now(?:, then (.*))?")
ROUNDED = re.compile(r"\bround(?:ed|ing)\b")


@dataclass(frozen=True)
class Claim:
    """What a comment says. value: of an expression, None where it is prose. error: the class that is raised.

    now: the line fails as long as the task is a stub.
    """

    value: str | None = None
    error: str | None = None
    message: str | None = None
    now: bool = False


def claim(comment: str, expression: bool) -> Claim:
    """What the comment on a line says, where the line is an expression or not."""
    now = NOW.fullmatch(comment)
    if now is not None:
        then = claim(now[1], expression) if now[1] else Claim()
        return Claim(then.value, then.error, then.message, now=True)
    error = ERROR.match(comment)
    if error is not None:
        return Claim(error=error[1], message=error[2] if error[2] and "..." in error[2] else None)
    return Claim(value=comment if expression else None)


def says(comment: str, shown: str) -> bool:
    """Whether a comment states what was shown."""
    shown = squeezed(shown)
    return any(alike(value, shown, rounded) for value, rounded in readings(squeezed(comment)))


def readings(comment: str) -> Iterator[tuple[str, bool]]:
    """Each beginning of a comment that may be the value, prose being what follows it, and whether it is rounded."""
    for cut in re.finditer(r"[,:;] (?=[^\W\d])|$", comment):
        yield comment[: cut.start()], ROUNDED.search(comment, cut.start()) is not None


def alike(said: str, shown: str, rounded: bool) -> bool:
    """Whether a value that a page states is the one shown."""
    pattern, numbers = "", []
    parts = said.split("...")
    for place, part in enumerate(parts):
        cut = place + 1 < len(parts)
        tokens = re.split(rf"((?<![\w.]){NUMBER})", part)
        for position, token in enumerate(tokens):
            begins = cut and position == len(tokens) - 2 and not tokens[-1]  # 0.6931...: its other digits are left out
            if position % 2 and rounded and not begins:
                pattern += f"({NUMBER})"
                numbers.append(token)
            else:
                pattern += re.escape(token)
        pattern += ".*?" if cut else ""
    found = re.fullmatch(pattern, shown)
    return found is not None and all(map(same_digits, numbers, found.groups()))


def same_digits(said: str, shown: str) -> bool:
    """Whether a number, rounded to the digits that are stated, is the one stated."""
    if not (Decimal(said).is_finite() and Decimal(shown).is_finite()):
        return said == shown
    digit = Decimal(1).scaleb(Decimal(said).as_tuple().exponent)
    return abs(Decimal(said) - Decimal(shown)) <= digit / 2


def squeezed(text: str) -> str:
    """Line ends and what aligns columns are not compared."""
    return re.sub(r"(?<=[\[(]) +", "", " ".join(text.split()))
