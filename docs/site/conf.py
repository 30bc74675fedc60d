"""The site that `nox -s docs` makes of the Markdown: which pages it has, in which order, and how they look."""

import posixpath
import re
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
NAVIGATION = {  # what is not there, such as pages for instructors in a students' repository, is left out
    "Lessons": ["milestones/milestone*/README.md"],
    "To look up": [
        "docs/glossary.md",
        "docs/contract.md",
        "docs/electives.md",
        "docs/pytorch.md",
        "docs/diagnosis.md",
        "docs/grader.md",
    ],
    "For instructors": ["docs/instructors.md", "docs/submissions.md", "docs/threats.md"],
    "For tutors": ["AGENTS.md"],
    "For maintainers": ["CONTRIBUTING.md", "docs/proofs.md", "bench/README.md", "datasets/README.md", "CHANGELOG.md"],
}
PAGES = {
    caption: [path.relative_to(REPOSITORY).as_posix() for name in names for path in sorted(REPOSITORY.glob(name))]
    for caption, names in NAVIGATION.items()
}
ANCHOR = re.compile(r'^<a id="([\w-]+)"></a>$', re.MULTILINE)
ALTERNATIVE = re.compile(r"(?<=!\[)[^\]]+(?=\]\()")  # the text of a picture, for those who do not see it
LINK = re.compile(r"\[(?P<text>[^\]\[]+)\]\((?P<path>[^)#:\s]+)\)")

project = html_title = "Build a deep learning framework"
extensions = ["myst_parser"]
root_doc = "README"
include_patterns = ["README.md", *(name for names in PAGES.values() for name in names)]
exclude_patterns = [  # folders without pages are not searched
    path.name for path in REPOSITORY.iterdir() if path.name not in {name.split("/")[0] for name in include_patterns}
]
myst_heading_anchors = 4
smartquotes = False
highlight_language = "text"  # of what is indented: commands, screens, formulas
html_theme = "furo"
html_static_path = ["site.css"]
html_css_files = ["site.css"]
html_copy_source = html_use_index = False
html_show_copyright = False
html_show_search_summary = False  # it reads the other pages, which a browser permits only to a server


def setup(app):
    """Sphinx calls this."""
    app.connect("source-read", for_the_site)
    app.connect("html-page-context", with_the_current_page, priority=900)  # after furo has made its navigation


def for_the_site(app, name, source):
    """Adapt a page: anchors in MyST's form, links to the repository's other files as paths, and the navigation."""
    text = ANCHOR.sub(r"(\1)=", source[0])
    text = ALTERNATIVE.sub(lambda words: " ".join(words[0].split()), text)  # MyST joins its lines without a space
    text = LINK.sub(lambda link: elsewhere(link, posixpath.dirname(name)), text)
    if name == root_doc:
        parts = [toctree(names, f":caption: {caption}") for caption, names in PAGES.items() if names]
        text += "".join([toctree(["Start <self>"]), *parts])
    source[0] = text


def with_the_current_page(app, name, template, context, doctree):
    """Say in the navigation which page it is, not by looks alone."""
    marked = 'class="current reference internal"'
    tree = context.get("furo_navigation_tree", "")
    context["furo_navigation_tree"] = tree.replace(marked, f'{marked} aria-current="page"')


def elsewhere(link, folder):
    """A link as it is if it leads to a page or a picture; otherwise its text with the path in the repository."""
    path = posixpath.normpath(posixpath.join(folder, link["path"]))
    if path.endswith((".md", ".svg")) or not (REPOSITORY / path).exists():
        return link[0]
    return f"`{path}`" if path.startswith(link["text"].rstrip("/")) else f"{link['text']} (`{path}`)"


def toctree(entries, *options):
    """MyST for a part of the navigation."""
    return "\n".join(["", "", "```{toctree}", ":hidden:", *options, "", *entries, "```", ""])
