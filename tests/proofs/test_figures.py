"""The page about the proofs shows the figures that the proofs left, and each proof has its place in it."""

import re

from proofs.figures import BLOCK, FOLDER, PAGE, page_in_step


def test_the_page_is_in_step_with_the_figures():
    assert PAGE.read_text(encoding="utf-8") == page_in_step()


def test_every_figure_is_shown():
    shown = {name for _, name, _ in re.findall(BLOCK, PAGE.read_text(encoding="utf-8"))}
    assert shown == {path.stem for path in FOLDER.glob("*.txt")}
