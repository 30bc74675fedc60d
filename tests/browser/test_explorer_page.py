"""The explorer's page in Chromium: every key, numbers, widths, schemes, contrast, touch, paper, and no request."""

import re

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

import neural_framework as nf
from neural_framework import Tensor
from tests.explored import GRAPHS, facts_of, leaf
from tests.viewports import SIZES

STOP = """(() => {
  const at = document.activeElement, label = at.labels && at.labels[0];
  const name = at.getAttribute("aria-label") || (label || at).textContent;
  return [at.tagName, name.trim(), getComputedStyle(at).outlineStyle];
})()"""


@pytest.fixture
def shown(window, tmp_path):
    """Explores a loss and opens its page."""

    def open_page(loss, address="p=0", size="wide", **settings):
        path = nf.explore(loss, tmp_path / "page.html")
        page = window(f"{path.as_uri()}#{address}", size, **settings)
        page.facts = facts_of(path)
        return page

    return open_page


def step(page):
    return int(re.search(r"s=(\d+)", page.url)[1])


def wrong_loss():
    """A loss in which the first of three backward steps is right and the second sends half of what it should."""

    class Fourfold(nf.Operation):
        def forward(self, x):
            return 4 * x

        def backward(self, grad):
            return 2 * grad

    x, w = Tensor(2.0, requires_grad=True), Tensor(3.0, requires_grad=True)
    return nf.apply(Fourfold(), x * w) * w


def test_every_key(shown):
    page = shown(wrong_loss())
    last = 1 + 3 + 1 + 3
    for key, expected in [
        ("ArrowRight", 1),
        ("ArrowRight", 2),
        ("ArrowLeft", 1),
        ("End", last),
        ("Home", 0),
        ("b", 4),
        ("f", 0),
        ("g", 6),
    ]:
        page.keyboard.press(key)
        assert step(page) == expected, key
    assert "yours 6, measured 12" in page.inner_text(".trouble")
    page.keyboard.press("?")
    assert page.locator("dialog").is_visible()
    page.keyboard.press("?")
    assert not page.locator("dialog").is_visible()
    page.keyboard.press("d")
    assert "dark" in page.evaluate("document.documentElement.className") and "d=dark" in page.url
    page.keyboard.press("p")
    assert "p=1" in page.url
    page.keyboard.press("Home")
    page.keyboard.press(" ")
    assert page.inner_text(".bar button >> nth=2") == "Pause"
    page.wait_for_url("**#s=1&**")
    page.keyboard.press(" ")
    assert page.inner_text(".bar button >> nth=2") == "Play"


def test_the_buttons_and_the_list_do_what_the_keys_do(shown):
    page = shown(wrong_loss())
    for name, expected in [("Next", 1), ("End", 8), ("Back", 7), ("Start", 0), ("Backward", 4), ("Disagreement", 6)]:
        page.get_by_role("button", name=name, exact=True).click()
        assert step(page) == expected, name
    page.locator(".steps button").nth(2).click()
    assert step(page) == 2
    assert page.locator(".steps [aria-current=step]").count() == 1


@pytest.mark.parametrize("name", GRAPHS)
def test_the_text_after_end_is_the_gradient(name, shown):
    loss = GRAPHS[name]()
    page = shown(loss)
    page.keyboard.press("End")
    loss.backward()
    rows = page.locator("table").last.locator("tbody tr")
    texts = {row.locator("th").inner_text(): row.locator("td").nth(2).inner_text() for row in rows.all()}
    compared = 0
    for tensor in page.facts["tensors"]:
        if tensor["leaf"] and tensor["needs"]:
            numbers = [float(word) for word in re.findall(r"-?[\d.]+(?:e-?\d+)?|nan|-?inf", texts[tensor["name"]])]
            known = np.array(tensor["grad"][: len(numbers)], float)
            np.testing.assert_allclose(numbers, known, rtol=2e-5, atol=1e-9)
            compared += len(numbers)
    assert compared > 0


def test_each_step_is_announced(shown):
    page = shown(wrong_loss())
    page.keyboard.press("g")
    live = page.inner_text("[aria-live=polite]")
    assert "upstream gradient" in live and "measured 12" in live


@pytest.mark.parametrize(
    ("guess", "told"),
    [
        ("6", "Right"),
        ("3", "one path only"),
        ("-6", "the sign is not"),
        ("17", "Not this time"),
    ],
)
def test_a_prediction_is_answered(guess, told, shown):
    x = Tensor(3.0, requires_grad=True)
    page = shown(x * x, "s=3")
    assert "Predict" in page.inner_text(".say")
    page.keyboard.type(guess)
    page.keyboard.press("Enter")
    assert told in page.inner_text(".answer")


@pytest.mark.parametrize(("guess", "told"), [("10", "Right"), ("2", "upstream"), ("5", "slope alone")])
def test_a_product_that_is_not_made_is_recognised(guess, told, shown):
    x, w = Tensor(1.0, requires_grad=True), Tensor(5.0)
    page = shown((x * w) * 2.0, "s=5")
    page.keyboard.type(guess)
    page.keyboard.press("Enter")
    assert told in page.inner_text(".answer")


def test_a_sum_that_is_not_made_is_recognised(shown):
    b = Tensor(1.0, requires_grad=True)
    page = shown(((b + np.zeros(3)) * np.array([2.0, 3.0, 5.0])).sum(), "s=7")
    page.keyboard.type("3")
    page.keyboard.press("Enter")
    assert "not summed" in page.inner_text(".answer")
    assert "10" in page.inner_text(".answer")


def test_the_next_key_shows_the_number_and_then_goes_on(shown):
    page = shown(leaf() * leaf(), "s=3")
    page.keyboard.press("ArrowRight")
    assert step(page) == 3 and "It is" in page.inner_text(".answer")
    page.keyboard.press("ArrowRight")
    assert step(page) == 4


def test_a_reader_of_what_is_wrong_is_told_the_measured_number(shown):
    page = shown(wrong_loss(), "s=6")
    page.keyboard.type("12")
    page.keyboard.press("Enter")
    assert "Your framework says something else" in page.inner_text(".answer")


def test_no_request_and_the_policy_holds(shown):
    page = shown(GRAPHS["lstm"]())
    page.keyboard.press("End")
    assert len(page.requests) == 1 and page.requests[0].startswith("file:")
    refused = page.evaluate("fetch('http://127.0.0.1/').then(() => 'sent', () => 'refused')")
    assert refused == "refused"


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", ["broadcasting", "lstm", "mlp"])
def test_nothing_scrolls_sideways(name, size, shown):
    page = shown(GRAPHS[name](), "p=1", size)
    for key in ("Home", "b", "ArrowRight", "End", "?"):
        page.keyboard.press(key)
        assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0], key


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(scheme, size, shown):
    """Roles, names and contrast, at a step that disagrees, with the answer to a prediction, and with the help."""
    page = shown(wrong_loss(), "s=6", size, color_scheme=scheme, reduced_motion="reduce")
    assert "Predict" in page.inner_text(".say")
    for keys in (["Shift"], ["ArrowRight"], ["End"], ["?"]):
        for key in keys:
            page.keyboard.press(key)
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()


def test_the_drawing_is_hidden_from_screen_readers_and_has_the_same_numbers(shown):
    page = shown(wrong_loss())
    page.keyboard.press("g")
    assert page.get_attribute(".drawing svg", "aria-hidden") == "true"
    assert "yours 6, measured 12" in page.locator(".drawing").text_content()
    assert page.locator(".drawing path.wrong").count() == 1


def test_a_reader_of_the_text_alone_hears_where_it_is(shown):
    page = shown(wrong_loss())
    page.keyboard.press("g")
    text = page.locator("body").aria_snapshot()
    assert 'slider "Step"' in text and page.get_attribute("input[type=range]", "aria-valuetext") == "6 of 8"
    assert "- list\n" not in text and "- paragraph\n" not in text  # nothing empty
    assert page.locator("[aria-current=step]").inner_text().startswith("Back through Fourfold")
    assert page.get_by_role("button", name="Predict").get_attribute("aria-pressed") == "false"


def test_each_stop_of_the_tab_key_has_a_name_and_a_visible_focus(shown):
    page = shown(leaf() * leaf(), "s=3&p=1")
    seen = []
    for _ in range(40):
        page.keyboard.press("Tab")
        seen.append(page.evaluate(STOP))
        if seen[-1] == seen[0] and len(seen) > 1:
            break
    assert all(name.strip() and outline == "solid" for tag, name, outline in seen if tag != "BODY"), seen
    assert ["INPUT", "Your prediction", "solid"] in seen and any("Drawing" in name for _, name, _ in seen)


def test_parts_fold_and_open(shown):
    page = shown(GRAPHS["lstm"]())
    assert page.locator("#view option").count() > 3
    overview = page.locator(".drawing .group").count()
    assert overview > 1
    page.locator(".drawing .tap").first.click()
    assert "v=g" in page.url and page.locator(".drawing .group").count() == 0


def test_a_step_can_be_linked(shown):
    page = shown(wrong_loss(), "s=6&p=0&d=dark")
    page.reload()
    assert step(page) == 6 and "d=dark" in page.url
    assert "measured 12" in page.inner_text(".trouble")


def test_a_swipe_is_a_step(shown):
    page = shown(wrong_loss(), size="narrow", has_touch=True)
    swipe = """([from, to]) => {
      const box = document.querySelector(".drawing");
      const touch = x => [new Touch({identifier: 1, target: box, clientX: x, clientY: 10})];
      box.dispatchEvent(new TouchEvent("touchstart", {touches: touch(from), changedTouches: touch(from)}));
      box.dispatchEvent(new TouchEvent("touchend", {touches: [], changedTouches: touch(to)}));
    }"""
    page.evaluate(swipe, [200, 100])
    assert step(page) == 1
    page.evaluate(swipe, [100, 200])
    assert step(page) == 0


def test_paper_has_the_list_and_the_table(shown):
    page = shown(GRAPHS["mlp"]())
    page.emulate_media(media="print")
    assert page.locator(".steps").is_visible() and page.locator(".table").is_visible()
    assert not page.locator(".bar").is_visible() and not page.locator(".picture").is_visible()


def test_hostile_names_do_nothing(shown):
    names = {"</script><img src=x onerror=document.title=1>": leaf()}
    page = shown(names["</script><img src=x onerror=document.title=1>"] * 2.0)
    page.keyboard.press("End")
    assert page.locator("img").count() == 0 and page.title() != "1"


def test_500_operations_open_in_a_second(shown):
    x = leaf(2)
    y = x
    for _ in range(250):
        y = y * 1.01 + x
    page = shown(y.sum())
    timing = page.evaluate("performance.getEntriesByType('navigation')[0].domComplete")
    assert len(page.facts["ops"]) == 501 and timing < 1_000
