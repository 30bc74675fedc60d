"""The smallest case in which a function at fault differs from the reference's."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from grader.course.milestones import Milestone
from grader.protocol import Expectation, Fact
from grader.sealed import table
from grader.verdict.compare import disagreement, show, tolerance_of

from .explanation import Fault, SmallestCase
from .variants import Graft, Variants, graft_of

OTHER_NAMES = "AttributeError"  # of the reference's function alone: what it reads has another name in this tree
SIMPLE = (ast.Call, ast.Subscript, ast.Attribute, ast.Name)  # what needs no parentheses before `.backward`


def expressions_of(milestone: Milestone, fault: Fault) -> list[str]:
    """The expressions that show what a function does: its own, or those of its class."""
    cases, name = table(milestone.folder / "cases.toml"), fault.unit.function
    return cases.get(name) or cases.get(name.rpartition(".")[0], [])


def smallest_case(
    fault: Fault, expressions: Sequence[str], base: Collection[Graft], kinds: Collection[str], variants: Variants
) -> SmallestCase | None:
    """The first case in which what the tree's function does is not what the reference's does; before all others one
    that goes wrong as the failing checks do. base: what else is the reference's. kinds: the errors that stopped these
    checks, and "" for values that are wrong."""
    own = variants.cases(base, expressions)
    right = variants.cases([*base, graft_of(fault)], expressions)
    typed = variants.cases((), expressions) if base else own
    found = []
    for mine, other, at_prompt in zip(own, right, typed, strict=False):
        difference = _difference(mine, other) if mine.observed == at_prompt.observed else None
        if difference is not None and difference[2] != OTHER_NAMES:
            case, ours, theirs = difference
            # Most tells what goes wrong as the checks do, then two values; least an error of the reference's, and what
            # differs in nothing but the kind of a number.
            found.append(((case.of_kind, bool(theirs), ours not in kinds, bool(ours)), case))
    return min(found, key=lambda each: each[0], default=(None, None))[1]


def alike_in_cases(
    expressions: Sequence[str], one: Collection[Graft], other: Collection[Graft], variants: Variants
) -> bool:
    """Whether two variants do the same in every case; true where there are none."""
    if not expressions:
        return True
    facts = [variants.cases(grafts, expressions) for grafts in (one, other)]
    return all(_difference(*pair) is None for pair in zip(*facts, strict=False))


def _difference(mine: Fact, other: Fact) -> tuple[SmallestCase, str, str] | None:
    """Where two runs of one case differ: in the value, a gradient, or in what they changed; with the errors that
    stopped them there, or "". Two errors are alike."""
    ours, theirs = (_mapping(fact.observed) for fact in (mine, other))
    if "expression" not in theirs or "inputs" not in theirs:
        return None
    keys = [key for key in {**theirs, **ours} if key not in ("expression", "inputs", "upstream", "error")]
    for key in dict.fromkeys(["value", *keys]):
        yours, right = ours.get(key, ours.get("error")), theirs.get(key, theirs.get("error"))
        errors = ["" if key in one else str(one.get("error", "")).partition(":")[0] for one in (ours, theirs)]
        recorded = ["upstream" in one for one in (ours, theirs)]
        if key != "value" and recorded[0] != recorded[1] and not any("error" in one for one in (ours, theirs)):
            return SmallestCase(tuple(_code(theirs, "requires_grad")), *map(str, recorded)), "", ""
        if not all(errors) and _differs(yours, right):
            of_kind = _number(yours) is not None and _number(yours) == _number(right)
            shown = (_shown(yours, right), _shown(right, yours))
            if of_kind:
                shown = (f"{shown[0]}, {_kind(yours)}", f"{shown[1]}, {_kind(right)}")
            return SmallestCase(tuple(_code(theirs, key)), *shown, of_kind=of_kind), *errors
    return None


def _code(case: Mapping, key: str) -> Iterator[str]:
    """What to type to see one part of a case: its value, a gradient, or what it changed."""
    inputs, expression = _mapping(case["inputs"]), case["expression"]
    if inputs:
        tensors = ", ".join(_tensor(value) for value in inputs.values())
        yield f"{', '.join(inputs)} = {tensors}"
    *steps, last = ast.parse(expression).body
    yield from (ast.get_source_segment(expression, step) for step in steps)
    expression = ast.get_source_segment(expression, last)
    target = expression if isinstance(last.value, SIMPLE) else f"({expression})"
    if key == "requires_grad":
        yield f"{target}.requires_grad"
        return
    if key == "value" or "upstream" not in case:
        yield expression if key == "value" else f"{expression}; {_name(key)}"
        return
    upstream = _upstream(case["upstream"])
    if key == "upstream afterwards":
        yield f"g = {upstream}"
        upstream = "g"
    yield f"{target}.backward({upstream}); {_name(key)}"


def _name(key: str) -> str:
    """`x.grad`, `x.data`, `g`: what to look at, by the key of a case."""
    if key == "upstream afterwards":
        return "g"
    return f"{key.removesuffix(' afterwards')}.data" if key.endswith(" afterwards") else f"{key.removeprefix('d')}.grad"


def _tensor(value: Mapping) -> str:
    """How a case made an input."""
    if len(value["shape"]) > 1 and 0 in value["shape"]:  # its list would not show its shape
        return f"nf.zeros({tuple(value['shape'])}, requires_grad=True)"
    return f"nf.Tensor({_numbers(value)}, requires_grad=True)"


def _upstream(value: Mapping) -> str:
    """An upstream gradient; none has to be given for one number."""
    if not value["shape"]:
        return ""
    if len(value["shape"]) > 1 and 0 in value["shape"]:
        return f"np.zeros({tuple(value['shape'])}, np.{value['dtype']})"
    return f"np.{value['dtype']}({_numbers(value)})"


def _numbers(value: Mapping) -> str:
    return " ".join(show(value).split()).removesuffix(f" ({value['dtype']})").replace("[ ", "[").replace(" ]", "]")


def _mapping(value: object) -> Mapping:
    return value["mapping"] if isinstance(value, Mapping) and "mapping" in value else {}


def _differs(yours: object, right: object) -> bool:
    if not _is_array(yours) or not _is_array(right):
        return yours != right
    if yours["dtype"] != right["dtype"]:
        return True
    return disagreement(Expectation("close", right, tolerance_of(right)), yours) is not None


def _shown(value: object, other: object) -> str:
    """A value in words; of an array also the dtype or shape, where the other's differs, and a shape that it hides."""
    text = " ".join(show(value).split())
    if _is_array(value) and not _is_array(other) and len(value["shape"]) > 1 and 0 in value["shape"]:
        text += f" of shape {tuple(value['shape'])}"
    if _is_array(value) and _is_array(other):
        text += f" of shape {tuple(value['shape'])}" if value["shape"] != other["shape"] else ""
        if value["dtype"] != other["dtype"]:
            text = text.replace(f" ({value['dtype']})", "") + f" of dtype {value['dtype']}"
    return text


def _number(value: object) -> float | None:
    """The number that a value is, as an array without axes or as repr() shows it; None of any other value."""
    if _is_array(value) and value["shape"]:
        return None
    text = show(value).removesuffix(f" ({value['dtype']})") if _is_array(value) else str(value)
    bare = re.fullmatch(r"np\.\w+\((.*)\)", text)
    try:
        return float(bare[1] if bare else text)
    except ValueError:
        return None


def _kind(value: object) -> str:
    if _is_array(value):
        return "an array"
    return "a NumPy scalar" if str(value).startswith("np.") else "a number of Python's"


def _is_array(value: object) -> bool:
    return isinstance(value, Mapping) and "array" in value
