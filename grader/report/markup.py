"""HTML and SVG as text: whatever a text holds, it comes out as text, and a page asks for nothing and runs nothing."""

from __future__ import annotations

import html
from collections.abc import Iterable

from grader.text import printable

from .style import STYLE

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
{body}
</body>
</html>
"""


class Html(str):
    """Text that is markup already: all other text is escaped where it comes into an element."""


def element(name: str, *content: str, **attributes: object) -> Html:
    """An element; `class_` is its attribute class, `stroke_width` stroke-width, and what is None is left out."""
    shown = "".join(
        f' {key.removesuffix("_").replace("_", "-")}="{escaped(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Html(f"<{name}{shown}>{joined(content)}</{name}>")


def joined(parts: Iterable[str], between: str = "") -> Html:
    """Parts one after the other."""
    return Html(between.join(part if isinstance(part, Html) else escaped(part) for part in parts))


def escaped(text: str) -> str:
    """A text without controls and marks of direction, in which HTML finds nothing to obey."""
    return html.escape(printable(text))


def page(title: str, *body: str) -> str:
    """A page of its own."""
    return PAGE.format(title=escaped(title), style=STYLE, body=joined(body, "\n"))
