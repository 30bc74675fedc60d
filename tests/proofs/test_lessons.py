"""The proof of the lessons sees what is not true: a comment, a table, a figure, a link, a term."""

import codeop
import functools
import re

import pytest

from docs.figures import curves_of_loss, measured, reach_of_a_gradient, separating
from docs.figures.svg import COLOURS
from grader.course.mistakes import Mistake
from grader.files import MILESTONES
from grader.task_id import TaskId
from proofs.lessons import generated, links, slopes, tables
from proofs.lessons.__main__ import unwritten, wrong_fences
from proofs.lessons.comments import says
from proofs.lessons.fences import run
from proofs.lessons.pages import GLOSSARY, Page, fenced, linked, read
from proofs.lessons.trees import Lost, package, run_each
from proofs.lessons.visible import is_seen

LINE = "x = nf.Tensor([1.0, 2.0])\n"


@pytest.fixture
def page(tmp_path):
    """Makes a page with a section on 2.5 that holds the text."""

    def made(text):
        path = tmp_path / "page.md"
        path.write_text(f"# Page\n\n## 2.5 Arithmetic\n\n{text}\n", encoding="utf-8")
        return read(path)

    return made


@pytest.fixture
def faults(page):
    """What is wrong with a fence, a line a fault."""

    def found(code):
        return [f"{where}: {what}" for where, what in wrong_fences(page(f"```python\n{code}\n```").sections)]

    return found


@pytest.mark.parametrize(
    ("comment", "shown"),
    [
        ("(2, 3)", "(2, 3)"),
        ("[[1.0, 2.0], [3.0, 4.0]]", "[[1.0, 2.0],\n [3.0, 4.0]]"),
        ("[ 1., 10.]", "[ 1., 10.]"),
        ("0.6931..., log 2", "0.6931471805599453"),
        ("([...], 3)", "([1, 2], 3)"),
        ("0.38, rounded", "0.37995"),
        ("[0.9, 1.1], apart from rounding", "[0.8999, 1.1000001]"),
        ("(0.0, inf), rounded", "(-2.8e-12, inf)"),
        ("2.5: the memory is kept", "2.5"),
        ("1.2e-05, rounded", "1.1991e-05"),
    ],
)
def test_what_a_comment_says(comment, shown):
    assert says(comment, shown)


@pytest.mark.parametrize(
    ("comment", "shown"),
    [
        ("(2, 3)", "(2, 3, 4)"),
        ("2", "2.0"),
        ("2, 3", "2"),
        ("0.38", "0.37995"),
        ("0.380, rounded", "0.379"),
        ("0.69..., rounded", "0.7"),
        ("nan, rounded", "inf"),
        ("near 1", "1.0"),
        ("[1.0], or so", "[2.0]"),
    ],
)
def test_what_a_comment_does_not_say(comment, shown):
    assert not says(comment, shown)


def test_a_fence_that_shows_what_it_says_has_no_fault(faults):
    code = [
        LINE + "x.shape  # (2,)",
        "for value in x.tolist():",
        "    print(value, end=' ')",
        "    value  # 1.0, 2.0",
        "",
        "print(x.shape, 1)  # (2,) 1",
        "y = x  # prose: 7",
        "x.grad  # None",
        "with nf.no_grad():",
        "    x + nf.ones(3)  # BroadcastingError: ...(2,)...(3,)...",
        "x = x @ nf.ones(3)  # ShapeError",
        "x.tolist(), [",
        "    1,  # a comment within a statement is prose",
        "]  # ([1.0, 2.0], [1])",
    ]
    assert faults("\n".join(code)) == []


def test_a_wrong_comment_is_a_fault_with_page_line_and_both_values(faults):
    assert faults(f"{LINE}x.shape  # (3,)") == ["page.md:7: says (3,), computed (2,)\n    x.shape  # (3,)"]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("x.shape  # ShapeError", "says ShapeError, and raised nothing"),
        ("x @ nf.ones(3)  # TypeError", "says TypeError, and raised ShapeError: "),
        ("x @ nf.ones(3)  # ShapeError: ...(7,)...", "says ShapeError: ...(7,)..., and raised ShapeError"),
        ("x @ nf.ones(3)", "raised ShapeError: "),
        ("x @ nf.ones(3)  # 3.0", "raised ShapeError: "),
        ("def f(:", "is not Python"),
        ("nf.rand(1).item()  # 0.5118216514587402", "says 0.51182"),  # right with the first seed alone
        ("if False:\n    x  # 1", "says 1, computed nothing: the line did not run"),
    ],
)
def test_other_faults_of_fences(faults, line, fault):
    (found,) = faults(LINE + line)
    assert fault in found


FAILS_NOW = """
x = nf.Tensor(3.0, requires_grad=True)
(x * x).backward()  # fails now
x.grad.item()  # fails now, then 6.0
"""


def test_a_line_that_fails_now_fails_without_the_task_and_shows_its_value_with_it(faults):
    assert faults(FAILS_NOW) == []
    assert "says 7.0, computed 6.0" in faults(FAILS_NOW.replace("6.0", "7.0"))[0]
    assert "does not fail where the task is a stub" in faults(FAILS_NOW.replace("(x * x)", "(x + x)"))[0]


def in_a_tree(changes, section):
    return run(section, package(changes), 1).faults


def refused(text):
    """What a prompt says to lines that are pasted into it; before Python 3.13, a blank line ends a block there."""
    entered = []
    for line in [*text.splitlines(), ""]:
        entered.append(line)
        try:
            if codeop.compile_command("\n".join(entered)) is not None:
                entered.clear()
        except SyntaxError as error:
            return f"{error.msg}: {line}"
    return "no end" if entered else None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("def f(x):\n    return x\n\nf(1)\n", None),
        ("for x in y:\n    f(x)\nf(1)\n", "invalid syntax: f(1)"),
        ("class A:\n    x = 1\n\n    y = 2\n", "unexpected indent:     y = 2"),
    ],
)
def test_a_prompt_refuses_a_block_with_a_blank_line_inside_or_none_after(text, said):
    assert refused(text) == said


def test_every_fence_can_be_pasted_into_a_prompt():
    pages = [(page.name, fence) for page in fenced() for section in page.sections for fence in section.fences]
    said = {f"{name}:{fence.line}": refused(fence.text) for name, fence in pages}
    assert {where: what for where, what in said.items() if what} == {}


def test_later_tasks_are_stubs_too(page):
    (section,) = page("```python\nnf.ones(2).log_softmax().shape  # (2,)\n```").sections[-1:]
    jobs = {task: functools.partial(in_a_tree, unwritten(section.task), section) for task in ["2.5"]}
    assert run_each(jobs)["2.5"] == {}  # milestone 1 is written


def spin():
    while True:
        pass


def test_a_process_without_an_end_is_lost():
    answers = run_each({"spin": spin, "one": int}, seconds=1)
    assert isinstance(answers["spin"], Lost)  # who ends it first depends on how busy the machine is
    assert answers["one"] == 0


def test_a_mistake_is_seen_where_a_line_shows_something_else(page):
    function = "operations/arithmetic.py:Multiply.backward"
    mistake = Mistake("doubled", TaskId("2.5"), "", "", function, "grad * self.y", "2 * grad * self.y")
    seen = page(f"```python\n{FAILS_NOW}\n```").sections[-1]
    hidden = page("```python\nnf.ones(2).tolist()  # [1.0, 1.0]\n```").sections[-1]
    jobs = {section: functools.partial(is_seen, mistake, section) for section in (seen, hidden)}
    assert run_each(jobs) == {seen: True, hidden: False}


def test_a_table_that_is_not_what_the_reference_computes_is_stale():
    known = {"squares": lambda: [("x", "x²"), (2, 4.0), ("half", 0.25)]}
    drawn = "<!-- table: squares -->\n| x | x² |\n|---|---|\n| 2 | 4 |\n| half | 0.25 |\n<!-- end -->\n"
    assert tables.in_step(drawn, known) == drawn
    assert tables.in_step(drawn.replace("| 4 |", "| 5 |"), known) == drawn


def test_a_stale_file_is_named_with_its_first_wrong_line():
    path = generated.FIGURES / "svg.py"
    text = path.read_text(encoding="utf-8")
    assert list(generated.stale({path: text})) == []
    ((where, _),) = generated.stale({path: text.replace("import math", "import cmath")})
    assert where == f"docs/figures/svg.py:{text[: text.index('import math')].count(chr(10)) + 1}"


def test_markers_name_tables_and_have_an_end(page):
    marked = page("<!-- table: gone -->\n<!-- end -->\n\n<!-- table: backward_by_hand -->\n")
    answer = run_each({"it": functools.partial(unknown_tables, marked)})["it"]
    assert [where for where, _ in answer] == ["page.md:5", "page.md:8"]


def unknown_tables(page):
    package({})
    return list(generated.unknown_tables([page]))


GOOD = '<svg xmlns="http://www.w3.org/2000/svg"><title>t</title><desc>d</desc><text fill="url(#a)">1</text></svg>'


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("<title>t</title>", "", "no <title>"),
        ("<desc>d</desc>", "<desc> </desc>", "no <desc>"),
        ('<text fill="url(#a)">1</text>', "", "no <text>"),
        ("url(#a)", "url(https://a)", "outside"),
        ("</svg>", '<use href="https://a"/></svg>', "outside"),
        ("</svg>", f"<!-- {'x' * 40_000} --></svg>", "40,000"),
    ],
)
def test_a_figure_is_small_readable_and_alone(tmp_path, old, new, fault):
    path = tmp_path / "figure.svg"
    path.with_suffix(".py").touch()
    path.write_text(GOOD)
    assert list(generated.poor_figures([path])) == []
    path.write_text(GOOD.replace(old, new))
    ((_, found),) = generated.poor_figures([path])
    assert fault in found


SLOPES = """
<!-- slopes -->
| z | where | dL/dx | dL/dy | dz/dx |
|---|---|---|---|---|
| x / y | | grad / y | -grad · x / y² = -grad * z / y | 1 / y |
| max(x, 0) | x > 0 | grad | | 1 |
| xⁿ | | grad * n * xⁿ⁻¹ | | n xⁿ⁻¹ |
| \\|x\\| | -1 < x <= 0 | -grad | | -1 |
| log(1 + eˣ) - x y | | `grad (σ(x) - y)` | −x · grad | sigmoid(x) − y |
| √x | | grad / (2z) | | ½ / z |

<!-- slopes -->
| y | log x | tanh x |
|---|---|---|
| dy/dx | 1 / x | 1 - y² |
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "fault"),
    [
        ("| grad / y ", "| grad * y ", 9, "dL/dx of x / y: grad * y is "),
        ("-grad · x / y²", "grad · x / y²", 9, "dL/dy of x / y: grad · x / y² is "),
        ("-grad * z / y", "-grad * z", 9, "dL/dy of x / y: -grad * z is "),
        ("| grad / y ", "| ", 9, "dL/dx of x / y: it is missing"),
        ("(2z)", "2z", 14, "put into parentheses what stands below the /"),
        ("| grad | ", "| grad q | ", 10, "'q' in 'grad q' is not a name"),
        ("x > 0", "x > 9", 10, "no numbers between -2 and 2"),
        ("1 - y²", "1 + y²", 17, "dy/dx of tanh x: 1 + y² is "),
        ("| xⁿ ", "| __import__('os') ", 11, "can't read"),
        ("<!-- slopes -->\n| y", "| y", 16, "needs the line <!-- slopes --> above it"),
    ],
)
def test_a_wrong_slope_is_a_fault(page, old, new, line, fault):
    assert list(slopes.wrong_slopes([page(SLOPES)])) == []
    ((where, what),) = slopes.wrong_slopes([page(SLOPES.replace(old, new))])
    assert where == f"page.md:{line}" and fault in what


def luminance(colour):
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_words_in_figures_stand_out_from_what_is_behind_them(scheme):
    """The contrast that WCAG 2 asks for, level AA."""
    seen = {name: luminance(colours[scheme]) for name, colours in COLOURS.items()}
    behind = [value for name, value in seen.items() if name == "paper" or name.endswith("fill")]
    for name in ("ink", "soft", "forward", "backward", "third"):
        for other in behind:
            assert (max(seen[name], other) + 0.05) / (min(seen[name], other) + 0.05) >= 4.5, name


FIGURES = sorted(generated.FIGURES.glob("*.svg"))


@pytest.mark.parametrize("path", FIGURES, ids=lambda path: path.stem)
def test_words_in_figures_are_read_on_a_telephone(path):
    """420 units across 375 pixels leave more than 10 pixels for words of 13 units."""
    text = path.read_text(encoding="utf-8")
    assert text.split("\n")[0].split('viewBox="0 0 ')[1].startswith("420 ")
    assert min(map(float, re.findall(r'font-size="([\d.]+)"', text))) >= 13


def test_what_is_kept_of_gradients_is_what_is_measured():
    kept = measured.kept("reach_of_a_gradient")
    for name, sizes in reach_of_a_gradient.measured(steps=(1, 6)).items():
        assert sizes == pytest.approx([kept[name][0], kept[name][5]], rel=0.05)


def test_what_is_kept_of_the_spirals_is_what_is_measured():
    kept, found = measured.kept("separating"), separating.measured(epochs=1)
    for name in ("loss", *separating.LAYERS):
        assert found[name] == pytest.approx(kept[name][:2], rel=0.05)
    cells = zip("".join(found["map 0"]), "".join(kept["map 0"]), strict=True)
    assert sum(one != other for one, other in cells) <= 3


def test_what_is_kept_of_wrong_curves_is_what_is_measured():
    kept, found = measured.kept("curves_of_loss"), curves_of_loss.measured()
    assert kept.keys() == found.keys()
    for name, numbers in found.items():
        assert numbers[:2] == pytest.approx(kept[name][:2], rel=0.2)  # later ones depend on rounding


@pytest.mark.parametrize("path", [*FIGURES, MILESTONES / "report.svg"], ids=lambda path: path.stem)
def test_pictures_ask_for_nothing_elsewhere(path):
    assert generated.OUTSIDE.search(path.read_text(encoding="utf-8")) is None


@pytest.mark.parametrize("target", ["gone.md", "page.md#gone", "#25-arithmetics", "gone/"])
def test_a_dead_link_is_a_fault(page, target):
    text = "[a](page.md) [b](#25-arithmetic) [c](https://example.org/gone) [d](page.md#page) `[e](code)` [f](#here)"
    good = page(text + '\n\n<a id="here"></a>')
    assert list(links.dead_links([good])) == []
    ((where, _),) = links.dead_links([page(f"A link\n[over\ntwo lines]({target})")])
    assert where == "page.md:7"


def test_the_links_of_all_pages_lead_somewhere():
    assert list(links.dead_links(linked())) == []


def test_the_glossary_is_in_the_order_of_the_alphabet():
    terms = read(GLOSSARY).headings[1:]
    assert terms == sorted(terms, key=str.lower)


def test_a_term_that_no_lesson_uses_is_a_fault(tmp_path):
    glossary = Page(tmp_path / "glossary.md", "# Glossary\n\n## upstream gradient\n\n## leaf\n\n## fan\n")
    text = "# L\n\nThe *upstream\ngradients* of each [leaf](x.md).\nfans are\n```\nleaflet\n```\n"
    lesson = Page(tmp_path / "lesson.md", text)
    assert list(links.unused_terms(glossary, [lesson])) == []
    ((_, fault),) = links.unused_terms(glossary, [Page(tmp_path / "l.md", lesson.text.replace("leaf]", "leaflet]"))])
    assert fault == "no lesson uses the term 'leaf'"
