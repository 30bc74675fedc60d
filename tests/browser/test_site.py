"""The site of `nox -s docs`: its pages link to each other alone, make no request, and are read on any screen."""

import re
import subprocess
import sys
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe

from grader.classroom.handout import write_handout
from grader.course.milestones import course
from grader.files import REPOSITORY
from tests.viewports import SIZES

LOADS = {"src", "srcset", "data", "poster"}  # what a browser follows by itself, as it does `href` of these:
LOADING = {"link", "image", "use"}


def built(repository):
    """The site of a repository."""
    done = subprocess.run([sys.executable, "-m", "docs.site"], cwd=repository, capture_output=True, encoding="utf-8")
    assert (done.returncode, done.stderr) == (0, "")
    site = repository / ".course" / "site"
    assert done.stdout == f"Open  {(site / 'index.html').as_uri()}\n"
    return site


@pytest.fixture(scope="module")
def site():
    return built(REPOSITORY)


@pytest.fixture(scope="module")
def students_site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("handout") / "course"
    write_handout(folder, False)
    return built(folder)


class Addresses(HTMLParser):
    """Reads what a page loads, what it links to, and what can be linked to in it."""

    def __init__(self, path):
        super().__init__()
        self.loaded, self.linked, self.ids = [], [], set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name in LOADS or (name.endswith("href") and tag in LOADING):
                self.loaded.append(value)
            elif name == "href":
                self.linked.append(value)
            elif name == "id":
                self.ids.add(value)


def pages(site):
    """The pages of a site, read once each."""
    return {path: Addresses(path) for path in sorted(site.rglob("*.html"))}


def test_the_pages_are_those_of_the_repository(site, students_site):
    for_all = {f"milestones/{milestone.folder.name}/README.html" for milestone in course()}
    for_all |= {f"{name}.html" for name in ("index", "README", "AGENTS", "search", "datasets/README")}
    for_all |= {f"docs/{name}.html" for name in ("contract", "diagnosis", "electives", "glossary", "pytorch")}
    assert {path.relative_to(students_site).as_posix() for path in students_site.rglob("*.html")} == for_all
    rest = {path.relative_to(site).as_posix() for path in site.rglob("*.html")} - for_all
    assert {"docs/grader.html", "docs/instructors.html", "CONTRIBUTING.html"} <= rest


def test_nothing_is_loaded_from_elsewhere_and_every_link_leads_somewhere(site, students_site):
    for folder in (site, students_site):
        read = pages(folder)
        for page, addresses in read.items():
            assert not [address for address in addresses.loaded if urlsplit(address).netloc], page
            for address in addresses.loaded + addresses.linked:
                parts = urlsplit(address)
                target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
                assert parts.scheme or parts.netloc or target.exists(), f"{page}: {address}"
                if parts.fragment and target in read:
                    assert unquote(parts.fragment) in read[target].ids, f"{page}: {address}"


def test_styles_and_scripts_load_nothing_from_elsewhere(site):
    files = [path for path in site.rglob("*") if path.suffix in (".css", ".js", ".svg")]
    assert len(files) > 20
    loading = re.compile(r"(?:url\(|@import|import\(|fetch\(|src=|(?<!\w)href=)\s*[\"'`]?(?:https?:)?//[^\"'`)]+")
    for path in files:
        assert loading.findall(path.read_text(encoding="utf-8")) == [], path


@pytest.fixture
def opened(window, site):
    """Opens a page of the site from its file; a request for anything but a file fails the test."""
    pages = []

    def open_page(name, size="wide", **settings):
        pages.append(window((site / name).as_uri(), size, **settings))
        return pages[-1]

    yield open_page
    assert [url for page in pages for url in page.requests if not url.startswith("file:")] == []


def test_a_reader_goes_from_the_first_page_to_a_term_of_the_glossary(opened):
    page = opened("index.html")
    page.get_by_role("link", name="2 · Automatic differentiation").click()
    page.get_by_role("link", name="upstream gradient").first.click()
    page.wait_for_url("**/docs/glossary.html#upstream-gradient")
    page.locator("#upstream-gradient").wait_for()  # until it is visible


def test_the_search_works_without_a_server(opened):
    page = opened("index.html")
    page.get_by_role("textbox", name="Search").fill("unbroadcast")
    page.keyboard.press("Enter")
    page.locator(".search li a").first.wait_for()
    assert any("milestone2" in link.get_attribute("href") for link in page.locator(".search li a").all())


def test_a_reader_of_the_text_alone_hears_the_pictures_and_the_place(opened):
    page = opened("milestones/milestone2_autodiff/README.html")
    texts = [picture.get_attribute("alt") for picture in page.locator("article img").all()]
    assert any("what is sent on" in text for text in texts) and all(len(text.split()) > 5 for text in texts)
    current = page.locator("[aria-current=page]")
    assert current.inner_text() == "Milestone 2: Automatic differentiation"


def test_the_field_of_the_search_shows_that_it_has_the_focus(opened):
    page = opened("index.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    field = page.get_by_role("textbox", name="Search")
    while not field.evaluate("field => field === document.activeElement"):
        page.keyboard.press("Tab")
    assert field.evaluate("field => getComputedStyle(field).outlineStyle") == "solid"


@pytest.mark.parametrize("size", SIZES)
def test_nothing_scrolls_sideways(size, site, opened):
    page = opened("index.html", size)
    for path in site.rglob("*.html"):
        page.goto(path.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0], path


@pytest.mark.parametrize("system", ["light", "dark"])
def test_pictures_follow_the_scheme_that_the_reader_chooses(system, opened):
    """Also where it is not the system's."""
    page = opened("milestones/milestone2_autodiff/README.html", color_scheme=system)
    picture = page.locator("article img").first
    shots = {}
    for scheme in ("light", "dark"):
        page.evaluate(f"document.body.dataset.theme = '{scheme}'")
        shots[scheme] = picture.screenshot()
    page.evaluate("document.body.dataset.theme = 'auto'")
    assert shots["light"] != shots["dark"] and picture.screenshot() == shots[system]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["index", "milestones/milestone2_autodiff/README", "docs/pytorch"])
def test_axe_finds_nothing_in_the_pages(name, scheme, opened):
    """The frame around them is furo's, and has headings without a level; a table may have an empty corner."""
    page = opened(f"{name}.html", color_scheme=scheme)
    found = Axe().run(page, context="article", options={"rules": {"empty-table-header": {"enabled": False}}})
    assert found.violations_count == 0, found.generate_report()
