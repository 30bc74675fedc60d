"""Puts facts, style and script into one page that makes no request."""

import base64
import hashlib

from .facts import as_json
from .script import SCRIPT
from .style import STYLE

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src {style_hash}; \
script-src {script_hash}; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Backpropagation, step by step</title>
<style>{style}</style>
</head>
<body>
<noscript><p>This page is drawn by its own script, which is switched off in this browser.</p></noscript>
<script type="application/json" id="facts">{facts}</script>
<script>{script}</script>
</body>
</html>
"""


def page_of(facts):
    """The page, as text. Only its own style and script are allowed in it, by their hashes."""
    style, script = ("\n".join(line.strip() for line in text.splitlines()) for text in (STYLE, SCRIPT))
    return PAGE.format(
        style=style, script=script, facts=as_json(facts), style_hash=hash_of(style), script_hash=hash_of(script)
    )


def hash_of(text):
    """The hash by which a page's policy allows one style or script."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
