"""Where a failing task goes wrong: the functions at fault are found by putting the reference's in their place."""

import contextlib
import re

import pytest

from grader.command import COMMAND
from grader.course.milestones import load_milestone
from grader.course.mistakes import load_mistakes
from grader.files import MILESTONES, SOLUTIONS, read_toml
from grader.report.why import shortened
from grader.run.assemble import assemble
from grader.run.fork_server import forked
from grader.run.trials import Trials
from grader.source.exercises import exercises_by_file
from grader.source.package import PACKAGE, read_source
from tests.trees import replace_body

BOTH_GET_Y = """
dx = unbroadcast_gradient(grad * self.y, self.x.shape)
return dx, unbroadcast_gradient(grad * self.y, self.y.shape)
"""
NOT_SWAPPED = "return apply(Subtract(), self, self.operand(other))"
WRONG_SORT = """
order, seen = [], set()
def visit(tensor):
    operation = tensor.grad_fn
    if operation is None or operation in seen:
        return
    seen.add(operation)
    for each in operation.inputs:
        visit(each)
    order.append(operation)
visit(tensor)
return order
"""
ORDER_KEPT = """
order, seen = [], set()
def visit(operation):
    if operation is not None and operation not in seen:
        seen.add(operation)
        waiting.append((operation, True))
        waiting.extend((source.grad_fn, False) for source in operation.inputs)
waiting = [(tensor.grad_fn, False)] if tensor.grad_fn is not None else []
while waiting:
    operation, visited = waiting.pop()
    if visited:
        order.append(operation)
    else:
        visit(operation)
topological_sort.kept = getattr(topological_sort, "kept", []) + [order[::-1]]
return order[::-1]
"""


def change(tree, file, old, new):
    """Change one passage of a file; the line it is on."""
    path = tree / PACKAGE / file
    text = read_source(path)
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8", newline="")
    return text[: text.index(old)].count("\n") + 1


def test_the_function_at_fault_is_named_with_its_line_and_what_it_mends(tree, screen):
    line = replace_body(tree, "tensor/tensor.py", "Tensor.__rsub__", NOT_SWAPPED)
    text = screen(1)
    assert f"at fault Tensor.__rsub__, {tree}/neural_framework/tensor/tensor.py:{line - 1}" in text
    assert re.search(r"explains all \d checks", text)
    assert "almost certainly: 10 - x computes x - 10" in text


def test_what_only_follows_from_an_earlier_task_takes_one_line(tree, screen):
    replace_body(tree, "autodiff/engine.py", "topological_sort", WRONG_SORT.strip())
    text = screen(2)
    assert re.search(r"tasks 2\.2, .* and 2\.11 follow from topological_sort, \S+, task 2\.1", text)
    assert text.count("at fault") == 1


def test_a_fault_in_an_earlier_milestone_is_named_there(tree, screen):
    change(tree, "operations/arithmetic.py", "self.x, self.y = x, y", "self.y = y")
    text = screen(2, "2.5")
    assert re.search(r"at fault \w+\.forward, \S+arithmetic.py:\d+, task 1\.4", text)
    assert re.search(r"read on \S+/README.md, section 1\.4 .* \S+/README.md, section 2\.5", text)


def test_a_helper_of_the_students_own_is_named_below_its_caller(tree, screen):
    replace_body(tree, "tensor/tensor.py", "Tensor.__rsub__", "return _swapped(self, other)")
    path = tree / PACKAGE / "tensor/tensor.py"
    text = read_source(path)
    path.write_text(f"{text}\n\ndef _swapped(a, b):\n    return a - b\n", encoding="utf-8", newline="")
    line = text.count("\n") + 3
    told = screen(1, "1.4")
    assert "at fault Tensor.__rsub__" in told
    assert f"it calls your own _swapped, {tree}/neural_framework/tensor/tensor.py:{line}" in told


def test_a_hang_is_located_and_a_helper_that_hangs_below_its_caller(tree, screen):
    replace_body(tree, "operations/broadcasting.py", "broadcast_shapes", "from .mine import count\nreturn count()")
    (tree / PACKAGE / "operations/mine.py").write_text("def count():\n    while True:\n        pass\n", "utf-8")
    told = screen(1, "1.2")
    assert "at fault broadcast_shapes" in told
    assert f"it calls your own count, {tree}/neural_framework/operations/mine.py:1" in told


def test_two_faults_in_one_task_are_both_named(tree, screen):
    replace_body(tree, "tensor/tensor.py", "Tensor.__rsub__", NOT_SWAPPED)
    replace_body(tree, "tensor/tensor.py", "Tensor.__neg__", "return self")
    text = screen(1, "--task", "1.4")
    assert "at fault Tensor.__rsub__" in text and "at fault Tensor.__neg__" in text
    assert "almost certainly, in Tensor.__rsub__: 10 - x" in text and "smallest of Tensor.__neg__: -nf.Tensor" in text
    failing = re.search(r"one of (\d+) failing", text)[1]
    explained = re.findall(r"explains (\d+) of (\d+) checks", text)
    assert {count for _, count in explained} == {failing} and sum(int(own) for own, _ in explained) == int(failing)


def test_a_fault_that_moves_the_lines_hides_no_other_in_its_file(tree, screen):
    """Once the first is mended, all lines below it are others than in the student's file."""
    padding = "\n".join(["# a long comment"] * 40)
    replace_body(tree, "tensor/tensor.py", "Tensor.__neg__", f"{padding}\nreturn self")
    replace_body(tree, "tensor/tensor.py", "Tensor.flatten", "return self.reshape(-1)")
    text = screen(1)
    assert "at fault Tensor.__neg__" in text and "at fault Tensor.flatten" in text


def test_nothing_is_named_where_what_went_wrong_was_not_observed(tree, quick_grader):
    slow = "import time\nif len(shape1) == 3:\n    time.sleep(0.4)\nreturn np.broadcast_shapes(shape1, shape2)"
    replace_body(tree, "operations/broadcasting.py", "broadcast_shapes", slow)
    named = quick_grader("milestone", 1, "--tree", tree, "--task", "1.2").task("1.2")["mistakes"]
    assert all(each["confidence"] < 0.9 for each in named)


def test_no_mistake_is_named_whose_own_task_is_done(tree, quick_grader):
    replace_body(tree, "autodiff/engine.py", "topological_sort", ORDER_KEPT.strip())
    report = quick_grader("milestone", 2, "--tree", tree)
    assert report.task("2.1")["state"] == "done"
    assert report.task("2.3")["mistakes"] == []  # recursion keeps graphs alive too, but 2.1 would notice it


def test_a_file_with_tabs_and_an_alias_are_located(tree, screen):
    path = tree / PACKAGE / "tensor/tensor.py"
    text = read_source(path)
    start = text.index("    def __rsub__")
    text = f"{text[:start]}    __rsub__ = __sub__\n\n{text[text.index('    def ', start + 10) :]}"
    tabbed = re.sub("^(?: {4})+", lambda blanks: "\t" * (len(blanks[0]) // 4), text, flags=re.MULTILINE)
    path.write_text(tabbed, encoding="utf-8", newline="")
    assert re.search(r"at fault Tensor\.__rsub__, \S+tensor\.py:\d+", screen(1, "--task", "1.4"))


def test_a_given_method_that_was_deleted_is_named(tree, screen):
    path = tree / PACKAGE / "tensor/tensor.py"
    text = read_source(path)
    start = text.index("    def operand")
    path.write_text(text[:start] + text[text.index("    def ", start + 10) :], encoding="utf-8", newline="")
    assert re.search(r"at fault Tensor\.operand, which .* get it back .*/tensor.py:\d+", screen(1, "--task", "1.4"))


def test_a_search_that_fails_costs_nothing_else(tree, quick_grader, monkeypatch):
    monkeypatch.setattr("grader.desk.grading.explain", lambda *arguments: 1 / 0)
    replace_body(tree, "tensor/tensor.py", "Tensor.__neg__", "return self")
    graded = quick_grader("milestone", 1, "--tree", tree, "--task", "1.4")
    assert "the search for the functions at fault failed: ZeroDivisionError" in graded.screen
    assert graded.code == 1 and "Total" in graded.screen and graded.task("1.4")["score"] > 0


@pytest.mark.parametrize(
    ("task", "wanted"),
    [
        ("3.9", ["float-indices-rounded", "indices-flattened", "negative-index-passes"]),
        ("6.1", ["vocabulary-is-a-string", "vocabulary-with-repetitions"]),  # the second can be made after the first
        ("1.7", ["softmax-sum-without-keepdims", "logarithm-of-softmax", "softmax-maximum-of-nothing"]),  # the cases
        ("4.2", ["logits-loss-with-exp-of-minus-x", "logits-target-gradient-ignores-the-incoming-one"]),  # both wrong
        ("2.7", ["root-without-what-arrives", "root-keeps-its-input"]),  # each runs with its own partner alone
    ],
)
def test_mistakes_of_one_function_or_a_pair_are_all_named(tree, quick_grader, task, wanted):
    milestone, changes = load_milestone(int(task[0])), {}
    for mistake in sorted(load_mistakes(milestone), key=lambda each: wanted.index(each.id) if each.id in wanted else 0):
        if mistake.id in wanted:
            changes = mistake.changes(changes)
    for file, text in changes.items():
        (tree / file).write_text(text, encoding="utf-8", newline="")
    named = quick_grader("milestone", milestone.number, task, "--tree", tree).task(task)["mistakes"]
    assert {each["id"]: each["confidence"] for each in named} == dict.fromkeys(wanted, 1.0)


def test_forward_and_backward_that_keep_something_else_are_told_apart(tree, screen):
    """This forward keeps its result under another name than the reference's; only its backward is wrong."""
    file = "operations/elementwise.py"
    replace_body(tree, file, "Tanh.forward", "self.result_of_tanh = np.tanh(x)\nreturn self.result_of_tanh")
    replace_body(tree, file, "Tanh.backward", "return grad * (1 - self.result_of_tanh)")
    assert "at fault Tanh.backward" in screen(2, "--task", "2.7")


def test_an_exercise_that_was_deleted_is_named(tree, screen):
    path = tree / PACKAGE / "tensor/tensor.py"
    text = read_source(path)
    start = text.index("    def __rsub__")
    path.write_text(text[:start] + text[text.index("    def ", start + 10) :], encoding="utf-8")
    assert "at fault Tensor.__rsub__, which" in screen(1, "--task", "1.4")


def test_given_code_that_was_changed_is_named(tree, screen):
    new = "return position == 0  # \x1b[31m" + "".join(f"\n        self.a{number} = 0" for number in range(9))
    change(tree, "operations/base.py", "return self.inputs[position].requires_grad", new)
    text = screen(2, "2.5")
    assert re.search(r"at fault Operation\.needs_grad, \S+base.py:\d+, given code that was changed", text)
    assert "changed - return self.inputs[position].requires_grad + return position == 0 # \\x1b[31m" in text
    assert "self.a3 = 0 and 5 more lines" in text
    way = rf"get it back {re.escape(COMMAND)} -s starter -- --to NEW, and copy it from NEW/\S+/base.py:\d+"
    assert re.search(way, text)


def test_what_no_function_explains_is_said_so(tree, screen):
    with (tree / PACKAGE / "__init__.py").open("a", encoding="utf-8") as file:
        file.write("\nTensor.__sub__ = Tensor.__add__\n")
    assert "at fault no single function" in screen(1, "--task", "1.4")


def test_fast_leaves_the_search_out(tree, screen):
    replace_body(tree, "tensor/tensor.py", "Tensor.__neg__", "return self")
    assert "at fault" not in screen(1, "--task", "1.4", "--fast")


def test_the_reference_is_never_shown(tree, screen):
    replace_body(tree, "autodiff/engine.py", "topological_sort", WRONG_SORT.strip())
    text = screen(2)
    shown = [line.strip() for line in read_source(SOLUTIONS / PACKAGE / "autodiff/engine.py").splitlines()]
    tree_text = read_source(tree / PACKAGE / "autodiff/engine.py")
    assert not [line for line in shown if len(line) > 15 and line in text and line not in tree_text]


def test_a_mistake_that_is_still_there_after_a_change_is_told_as_such(tree, screen):
    note = "the same checks fail as before your last change of this function"
    line = replace_body(tree, "tensor/tensor.py", "Tensor.__rsub__", NOT_SWAPPED)
    assert note not in screen(1, "--task", "1.4") + screen(1, "--task", "1.4")
    path = tree / PACKAGE / "tensor/tensor.py"
    lines = read_source(path).splitlines(keepends=True)
    lines.insert(line - 1, "        other = self.operand(other)\n")
    path.write_text("".join(lines), encoding="utf-8", newline="")
    text = screen(1, "--task", "1.4")
    assert "almost certainly: 10 - x" in text.partition(note)[0] and note in text


def test_the_smallest_case_is_shown(tree, screen):
    replace_body(tree, "operations/arithmetic.py", "Multiply.backward", BOTH_GET_Y.strip())
    text = screen(2, "--task", "2.5")
    typed = "x, y = nf.Tensor(2., requires_grad=True), nf.Tensor(3., requires_grad=True) (x * y).backward(); y.grad"
    assert f"smallest {typed} yours 3. right 2." in text


def test_a_smallest_case_goes_wrong_as_the_check_does_and_says_so_once(tree, screen):
    replace_body(tree, "operations/shapes.py", "Index.backward", "dx = np.zeros(())\ndx[self.key] += grad\nreturn dx")
    told = re.search(r"smallest (.*?) also fails", screen(2, "2.11"))[1]
    assert told.endswith("x[0].backward(); x.grad yours the same error right [1.]")


def test_a_smallest_case_is_right_although_the_reference_calls_what_is_not_written(tree, screen):
    body = """
y = logits.log_softmax(axis=1)
if targets.ndim == 1:
    return -y[:, targets]
return -(targets * y).sum(axis=1)
"""
    replace_body(tree, "training/losses.py", "cross_entropy", body.strip())
    for name in ("CrossEntropy.forward", "CrossEntropy.backward"):
        stub = f'raise NotImplementedError("extra.2: {name} is not written yet")'
        replace_body(tree, "training/loss_operations.py", name, stub)
    text = screen(4, "4.3")
    assert "yours 1.9401898 right 0.72009486" in text and "NotImplementedError" not in text
    assert "almost certainly: cross_entropy indexes the columns alone" in text


def test_a_smallest_case_that_differs_in_its_type_alone_comes_last(tree, screen):
    """For the shape () this gives a NumPy scalar, which is allowed."""
    body = """
lead = grad.ndim - len(shape)
if lead:
    return grad.sum(axis=tuple(range(lead)))
return grad.sum(axis=tuple(axis for axis, size in enumerate(shape) if size == 1), keepdims=True)
"""
    replace_body(tree, "operations/broadcasting.py", "unbroadcast_gradient", body.strip())
    text = screen(2, "2.4")
    assert "smallest nf.operations.broadcasting.unbroadcast_gradient(np.ones((3, 2, 2), np.float32), (2, 1))" in text


def test_a_smallest_case_gives_what_it_says_when_it_is_typed(tree, quick_grader, grader):
    """Each line is typed at the prompt of the tree."""
    replace_body(tree, "operations/reductions.py", "Max.backward", "return np.zeros_like(self.x) + grad")
    shown = quick_grader("milestone", 2, "2.9", "--tree", tree).screen
    first, *rest = [line[14:].rstrip() for line in shown[shown.index("  smallest") :].splitlines()[:3]]
    yours = re.match("yours (.*)   right", rest[1])[1]
    expression = rest[0].replace("; ", "\nprint(", 1) + ")"
    done = grader("python", "--tree", tree, "-c", f"import neural_framework as nf, numpy as np\n{first}\n{expression}")
    assert yours in done.screen


def test_the_shortest_check_that_names_the_function_is_shown(tree, screen):
    replace_body(tree, "modules/module.py", "Module.parameter_count", "return len(list(self.parameters()))")
    text = screen(3, "3.3")
    assert text.index("at fault Module.parameter_count") < text.index("see.equal(") < text.index(" got ")
    assert "-k test_parameter_count_counts_numbers" in text and "also fails" in text


def test_long_errors_end_with_a_word():
    assert shortened("short") == "short"
    assert shortened(f"{'one two ' * 20}three") == f"{'one two ' * 14}one two …"
    assert shortened(f"Error: it went wrong. {'then ' * 40}") == "Error: it went wrong. …"


def test_the_cases_have_values_on_the_reference(tmp_path):
    """The names of the tables are exercises or their classes, and each expression has a value, or shows a refusal."""
    names = {f"{file.partition('/')[2]}:{one.name}" for file, found in exercises_by_file().items() for one in found}
    names |= {name.rpartition(".")[0] for name in names}
    for table in MILESTONES.glob("*/cases.toml"):
        cases = read_toml(table)
        refused = set(cases.pop("refused", ()))
        assert cases.keys() <= names
        expressions = {each for own in cases.values() for each in own}
        with_value = set()
        with contextlib.closing(Trials(assemble(SOLUTIONS, tmp_path / table.parent.name), (), forked)) as trials:
            check = trials.add_cases(sorted(expressions))
            for fact in trials.run({}, {check: 60.0}, 60.0)[check].facts:
                case = fact.observed["mapping"]
                with_value |= {case["expression"]} if "error" not in case else set()
        assert expressions - with_value == refused
