"""report.html in Chromium: widths, schemes, contrast, keys, paper, and no request."""

import dataclasses
import shutil
import subprocess
import sys

import pytest
from axe_playwright_python.sync_playwright import Axe

from grader.files import REPOSITORY, SOLUTIONS
from grader.protocol import Shown
from grader.report.learnt import Learnt
from grader.report.page import report_page
from tests.grader.test_page import hostile_story
from tests.pictures import PICTURES
from tests.trees import replace_body
from tests.viewports import SIZES

SIZES_OVER_TIME = {"columns": ["0", "9", "19"], "rows": ["RNN"], "values": [[1.0, 1e-4, 1e-9]], "percent": False}
NAMES = "pictures => pictures.map(one => one.getAttribute('aria-label') || '')"
OPEN = "document.querySelectorAll('details').forEach(fold => fold.open = true)"


@pytest.fixture
def shown(window):
    """Opens a page from its file."""
    return lambda path, size="wide", **settings: window(path.as_uri(), size, **settings)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A page of hostile texts and all pictures, which no one could have written worse."""
    pictures = [Shown(kind, f"a picture of kind {kind}", data) for kind, data in PICTURES.items()]
    pictures.append(Shown("table", "sizes over time", SIZES_OVER_TIME))
    learnt = (Learnt("4.11 Line", True, tuple(pictures)),)
    path = tmp_path_factory.mktemp("hostile") / "report.html"
    path.write_text(report_page(dataclasses.replace(hostile_story(), learnt=learnt), path.parent), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def failing(tmp_path_factory):
    """The page of a tree with a mistake, a stub and done tasks."""
    folder = tmp_path_factory.mktemp("failing")
    tree = folder / "tree"
    shutil.copytree(SOLUTIONS, tree, ignore=shutil.ignore_patterns("__pycache__"))
    replace_body(tree, "operations/arithmetic.py", "Multiply.backward", "return grad * self.y, grad * self.y")
    replace_body(tree, "operations/matmul.py", "MatMul.backward", 'raise NotImplementedError("2.6: not written yet")')
    command = [sys.executable, "-m", "grader", "milestone", "2", "--tree", str(tree), "--out", str(folder), "--html"]
    done = subprocess.run([*command, "2.4", "2.5", "2.6"], cwd=REPOSITORY, stdout=subprocess.DEVNULL, check=False)
    assert done.returncode == 1
    return folder / "report.html"


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_and_axe_finds_nothing(scheme, size, hostile, failing, shown):
    for path in (hostile, failing):
        page = shown(path, size, color_scheme=scheme)
        for _ in ("as it opens", "all open"):
            assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0]
            found = Axe().run(page)
            assert found.violations_count == 0, found.generate_report()
            page.evaluate(OPEN)


def test_it_asks_for_nothing_and_runs_nothing(hostile, shown):
    page = shown(hostile, java_script_enabled=True)
    assert len(page.requests) == 1 and page.locator("script, img").count() == 0
    assert page.title().startswith("</details><script>")


def test_it_is_read_without_a_script(failing, shown):
    page = shown(failing, java_script_enabled=False)
    assert "Repair 2.5 Arithmetic: Multiply.backward" in page.inner_text(".next")
    assert page.locator("text=at fault").first.is_visible()
    closed = page.locator("#task-2\\.6 .inside")
    assert not closed.is_visible()
    page.locator("#task-2\\.6 summary").focus()
    page.keyboard.press("Enter")
    assert closed.is_visible()


def test_a_reader_of_the_text_alone_hears_what_is_shown(failing, hostile, shown):
    """Each picture has a name, a task's line its state and no sign that is only for the eye, and each stop a focus."""
    page = shown(hostile)
    assert all(name.strip() for name in page.locator("[role=img]").evaluate_all(NAMES))
    page = shown(failing)
    text = page.locator("body").aria_snapshot()
    assert "2.5 Arithmetic in progress" in text and "− 2.5" not in text
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_a_failure_leads_to_its_explorer_page(failing, shown):
    page = shown(failing)
    page.get_by_role("link", name="step through backward()").click()
    page.wait_for_url("**/explorer-2.5.html*")
    page.keyboard.press("g")
    assert "measured" in page.inner_text(".trouble")


def test_paper_has_what_is_folded(failing, shown):
    page = shown(failing)
    page.emulate_media(media="print")
    assert page.locator("#task-2\\.6 .inside").is_visible()
