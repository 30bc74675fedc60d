"""The page about the proofs shows the figures that the proofs left, and each proof has its place in it."""

import re

from proofs.figures import BLOCK, FOLDER, PAGE, page_in_step


def test_the_page_is_in_step_with_the_figures():
    assert PAGE.read_text(encoding="utf-8") == page_in_step()


def test_every_proof_that_records_figures_has_a_place_on_the_page():
    places = [name for _, name, _ in re.findall(BLOCK, PAGE.read_text(encoding="utf-8"))]
    texts = [path.read_text(encoding="utf-8") for path in FOLDER.parent.rglob("*.py") if path.parent != FOLDER]
    assert sorted(places) == sorted(name for text in texts for name in re.findall(r'\brecord\("(\w+)"', text))
    assert {path.stem for path in FOLDER.glob("*.txt")} <= set(places)


def test_each_figure_has_the_form_that_its_proof_writes():
    texts = {path.stem: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.txt")}
    assert re.fullmatch(r"\d+ seeded checks with \d+ seeds, \d+ checks alone: 0 failures\n", texts["seeds"])
    line = r"[^\n:]+: [\d,]+ of [\d,]+ (?:at least|within) \S+; lowest [^\n]+\n"
    assert re.fullmatch(f"(?:{line})+", texts["convergence"])
    bodies = r"\d+ second bodies, each alone and all together, and \d+ whole trees: all points\n"
    assert re.fullmatch(bodies, texts["second_bodies"])
    score = r"milestone \d: [\d.]+ of 100 points \(from [\d.]+ to [\d.]+\); \d+ of \d+ checks pass .*\n"
    assert re.fullmatch(f"(?:{score})+", texts["replay"])  # a line a milestone
