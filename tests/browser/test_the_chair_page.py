"""The chair page under a hand: the window is dragged and let go, an emergency is held, an event is tapped, a rate is typed."""

import re

import pytest

DRAGGED_PX = 60
TOO_SHORT_MS, LONG_ENOUGH_MS = 250, 900


@pytest.fixture
def nurse(desk):
    one = desk("nils")
    one.restart()
    one.chair(1)
    one.page.wait_for_selector("#chart a.event")
    one.settled()
    return one


def place(page):
    """Return where the first event stands on the time axis, from the left of the page."""
    return page.locator("#chart a.event").first.bounding_box()["x"]


def told_anew(page):
    """Have the page ask for its chart as it does when something has changed, and wait until that is drawn."""
    with page.expect_response(lambda answer: "/chart/" in answer.url):
        page.evaluate("document.body.dispatchEvent(new CustomEvent('changed', { detail: {} }))")
    page.wait_for_timeout(300)


def test_the_window_follows_now_until_it_is_dragged_and_is_then_in_review(nurse):
    page = nurse.page
    banner, panel = page.locator(".review-bar"), page.locator("#chart .plot[data-place=pressure]")
    panel.scroll_into_view_if_needed()
    followed = place(page)
    assert banner.is_hidden()

    box = panel.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 + DRAGGED_PX, box["y"] + box["height"] / 2, steps=4)
    page.mouse.up()
    banner.wait_for()
    assert "In review" in banner.inner_text()
    dragged = place(page)
    assert dragged > followed + DRAGGED_PX / 2

    told_anew(page)
    assert place(page) == pytest.approx(dragged, abs=1)

    nurse.press("Back to now")
    banner.wait_for(state="hidden")
    page.wait_for_timeout(300)
    assert place(page) == pytest.approx(followed, abs=3)


def held(page, milliseconds):
    page.get_by_role("button", name="Hold: emergency").scroll_into_view_if_needed()
    page.get_by_role("button", name="Hold: emergency").hover()
    page.mouse.down()
    page.wait_for_timeout(milliseconds)
    page.mouse.up()


def test_an_emergency_button_released_early_logs_nothing_and_held_it_logs_what_can_be_taken_back(nurse):
    page, sent = nurse.page, []
    page.on("request", lambda one: sent.append(one.post_data) if one.method == "POST" else None)
    held(page, TOO_SHORT_MS)
    page.wait_for_timeout(LONG_ENOUGH_MS)

    assert sent == []
    assert page.locator("#emergency").count() == 0

    held(page, LONG_ENOUGH_MS)
    page.locator("#emergency").wait_for()
    assert [body for body in sent if "kind=emergency" in body]
    page.get_by_role("button", name=re.compile("Undo")).first.click()
    page.locator("#emergency").wait_for(state="detached")


def test_a_tapped_event_is_shown_in_the_list(nurse):
    page = nurse.page
    event = page.locator("#chart a.event").last
    number = event.inner_text()
    event.click()

    line = page.locator(f"#event-{number}")
    assert page.url.endswith(f"#event-{number}")
    top = line.bounding_box()["y"]
    assert 0 <= top < page.viewport_size["height"]
    assert line.evaluate("node => node.matches(':target')")


def test_a_rate_that_is_typed_is_on_the_button_with_the_clinic_s_time_before_anything_is_recorded(nurse):
    page = nurse.page
    form = page.locator("form:has([value=rate_set]):visible").first
    field, button = form.locator("[name=rate_ml_per_h]"), form.get_by_role("button")
    assert button.inner_text() == "Record: pump set"
    field.fill("30")
    assert re.fullmatch(r"Record: pump set to 30 mL/h at \d\d:\d\d", button.inner_text())
    clock = page.locator("[data-clinic-clock]").inner_text()
    page.wait_for_function(
        "before => document.querySelector('[data-clinic-clock]').textContent.slice(0, 5) !== before.slice(0, 5)",
        arg=clock,
    )
    page.wait_for_function(
        "form => form.querySelector('button').textContent.endsWith(document.querySelector('[data-clinic-clock]').textContent.slice(0, 5))",
        arg=form.element_handle(),
    )
    field.fill("")
    assert button.inner_text() == "Record: pump set"
