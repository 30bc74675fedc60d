"""The smallest case in which a function at fault differs from the reference's."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from grader.course.milestones import Milestone
from grader.files import read_toml
from grader.protocol import Expectation, Fact
from grader.source.package import PACKAGE
from grader.verdict.compare import disagreement, show, tolerance_of

from .explanation import Fault, SmallestCase
from .variants import Graft, Variants


def expressions_of(milestone: Milestone, fault: Fault) -> list[str]:
    """The expressions that show what a function does: its own, or those of its class."""
    path = milestone.folder / "cases.toml"
    table = read_toml(path) if path.exists() else {}
    name = f"{fault.unit.file.removeprefix(f'{PACKAGE}/')}:{fault.unit.name}"
    return table.get(name) or table.get(name.rpartition(".")[0], [])


def smallest_case(
    fault: Fault, expressions: Sequence[str], base: Collection[Graft], variants: Variants
) -> SmallestCase | None:
    """The first case in which what the tree's function does is not what the reference's does. base: what else is the
    reference's."""
    own = variants.cases(base, expressions)
    right = variants.cases([*base, Graft(fault.unit, fault.twin)], expressions)
    for mine, other in zip(own, right, strict=False):
        found = _difference(mine, other)
        if found is not None:
            return found
    return None


def _difference(mine: Fact, other: Fact) -> SmallestCase | None:
    """Where two runs of one case differ: in the value, a gradient, or in what they changed."""
    ours, theirs = (_mapping(fact.observed) for fact in (mine, other))
    keys = [key for key in {**theirs, **ours} if key not in ("expression", "inputs", "upstream", "error")]
    for key in dict.fromkeys(["value", *keys]):
        yours, right = ours.get(key, ours.get("error")), theirs.get(key, theirs.get("error"))
        if _differs(yours, right):
            return SmallestCase(
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
