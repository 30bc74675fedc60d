"""Draws pages from plain data. Whatever a text holds, it comes out as text."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from grader.report.markup import Html
from grader.report.page import css
from grader.report.words import points
from grader.text import printable

TEMPLATES = Path(__file__).parent / "templates"


def drawn(template: str, content: dict[str, Any]) -> Html:
    """What a page of its own holds: nothing in it is fetched, and nothing in it runs."""
    return Html(_environment().get_template(template).render(content))


@functools.cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_shown,
        keep_trailing_newline=True,
    )
    environment.filters |= {"points": points, "css": css}
    return environment


def _shown(value: Any) -> Any:
    """A text without controls and marks of direction; the environment then escapes what HTML would obey."""
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value
