"""The smallest case in which a function at fault differs from the reference's."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from grader.course.milestones import Milestone
from grader.protocol import Expectation, Fact
from grader.sealed import table
from grader.verdict.compare import disagreement, show, tolerance_of

from .explanation import Fault, SmallestCase
from .variants import Graft, Variants, graft_of


def expressions_of(milestone: Milestone, fault: Fault) -> list[str]:
    """The expressions that show what a function does: its own, or those of its class."""
    cases, name = table(milestone.folder / "cases.toml"), fault.unit.function
    return cases.get(name) or cases.get(name.rpartition(".")[0], [])


def smallest_case(
    fault: Fault, expressions: Sequence[str], base: Collection[Graft], variants: Variants
) -> SmallestCase | None:
    """The first case in which what the tree's function does is not what the reference's does. base: what else is the
    reference's."""
    own = variants.cases(base, expressions)
    right = variants.cases([*base, graft_of(fault)], expressions)
    found = [each for pair in zip(own, right, strict=False) if (each := _difference(*pair)) is not None]
    return min(found, key=lambda each: each[0], default=(0, None))[1]


def _difference(mine: Fact, other: Fact) -> tuple[int, SmallestCase] | None:
    """Where two runs of one case differ: in the value, a gradient, or in what they changed; how little it tells first.

    Two values tell most, then an error of the tree's alone, then one of the reference's alone. Two errors are alike.
    """
    ours, theirs = (_mapping(fact.observed) for fact in (mine, other))
    if "expression" not in theirs or "inputs" not in theirs:
        return None
    keys = [key for key in {**theirs, **ours} if key not in ("expression", "inputs", "upstream", "error")]
    for key in dict.fromkeys(["value", *keys]):
        yours, right = ours.get(key, ours.get("error")), theirs.get(key, theirs.get("error"))
        failed, refused = key not in ours and "error" in ours, key not in theirs and "error" in theirs
        if not (failed and refused) and _differs(yours, right):
            return 2 if refused else int(failed), SmallestCase(
                expression=theirs["expression"],
                inputs=tuple((name, show(value)) for name, value in _mapping(theirs["inputs"]).items()),
                upstream=show(theirs["upstream"]) if key[0] == "d" and "upstream" in theirs else None,
                what="" if key == "value" else key,
                yours=_shown(yours, right),
                right=_shown(right, yours),
            )
    return None


def _mapping(value: object) -> Mapping:
    return value["mapping"] if isinstance(value, Mapping) and "mapping" in value else {}


def _differs(yours: object, right: object) -> bool:
    if not _is_array(yours) or not _is_array(right):
        return yours != right
    if yours["dtype"] != right["dtype"]:
        return True
    return disagreement(Expectation("close", right, tolerance_of(right)), yours) is not None


def _shown(value: object, other: object) -> str:
    """A value in words; of an array also the dtype or shape, where the other's differs."""
    text = " ".join(show(value).split())
    if _is_array(value) and _is_array(other):
        text += f" of shape {tuple(value['shape'])}" if value["shape"] != other["shape"] else ""
        text += f" of dtype {value['dtype']}" if value["dtype"] != other["dtype"] else ""
    return text


def _is_array(value: object) -> bool:
    return isinstance(value, Mapping) and "array" in value
