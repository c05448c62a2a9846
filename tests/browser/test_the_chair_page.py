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
    header = page.locator(".who-is").bounding_box()
    assert header["y"] + header["height"] <= top < page.viewport_size["height"]
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


def height(page, *places):
    return sum(page.locator(f"#chart [data-place={one}] .uplot").bounding_box()["height"] for one in places)


def test_the_strip_takes_three_tenths_where_there_is_room_and_everything_fits_below_the_header(nurse):
    page = nurse.page
    panels, strip = height(page, "drug", "pressure", "saturation"), height(page, "strip")
    assert strip / (panels + strip) == pytest.approx(0.3, abs=0.01)

    header = page.locator(".who-is").bounding_box()["height"]
    assert page.locator("#chart").bounding_box()["height"] + header < page.viewport_size["height"] + 40

    page.set_viewport_size({"width": 1024, "height": 768})
    page.wait_for_function("() => document.querySelector('[data-place=strip] .uplot').clientHeight < 100")


def test_beside_each_canvas_stand_its_name_a_sentence_that_stays_and_a_table(nurse):
    page = nurse.page
    panes = page.locator("#chart figure")
    assert panes.count() == 4
    for pane in panes.all():
        canvas = pane.locator("[role=img]")
        said = page.locator(f"#{canvas.get_attribute('aria-describedby')}")
        assert canvas.get_attribute("aria-label")
        assert said.inner_text().endswith(".")
        pane.locator("summary").click()
        pane.locator("tbody tr").first.wait_for()
        pane.locator("summary").click()

    page.evaluate(
        "() => { window.written = 0; for (const line of document.querySelectorAll('[data-said]'))"
        " new MutationObserver(() => { window.written += 1; }).observe(line, { childList: true, characterData: true, subtree: true }); }"
    )
    before = page.locator("[data-said=pressure]").inner_text()
    told_anew(page)
    if page.locator("[data-said=pressure]").inner_text() == before:
        assert page.evaluate("window.written") < 4


def test_the_window_is_moved_without_dragging_and_by_its_frame_over_the_strip(nurse):
    page = nurse.page
    banner, followed = page.locator(".review-bar"), place(page)
    top = page.locator("#chart [data-place=drug]").bounding_box()["y"] + page.evaluate("scrollY")
    page.get_by_role("button", name="Show 15 minutes earlier").click()
    banner.wait_for()
    assert place(page) > followed
    assert page.locator("#chart [data-place=drug]").bounding_box()["y"] + page.evaluate("scrollY") == pytest.approx(
        top, abs=1
    )
    nurse.press("Back to now")

    strip = page.locator("#chart [data-place=strip] .u-over")
    strip.scroll_into_view_if_needed()
    box = strip.bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.1, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.4, middle, steps=4)
    page.mouse.up()
    banner.wait_for()
    window = page.locator("#chart [data-place=strip] .u-select").bounding_box()
    assert window["width"] == pytest.approx(box["width"] * 0.3, rel=0.2)

    page.mouse.move(window["x"] + window["width"] / 2, middle)
    page.mouse.down()
    page.mouse.move(window["x"] + window["width"] / 2 + DRAGGED_PX, middle, steps=4)
    page.mouse.up()
    moved = page.locator("#chart [data-place=strip] .u-select").bounding_box()
    assert moved["x"] - window["x"] == pytest.approx(DRAGGED_PX, abs=4)
    assert moved["width"] == pytest.approx(window["width"], abs=2)


def test_no_name_of_a_row_is_cut_off_wide_or_narrow(nurse):
    page = nurse.page
    for width, tall in ((1440, 900), (1024, 768), (390, 844)):
        page.set_viewport_size({"width": width, "height": tall})
        page.wait_for_timeout(500)
        names = page.locator("#chart .trace-name")
        assert "ketamine, mL/h" in names.all_inner_texts()
        assert [
            one.inner_text() for one in names.all() if one.evaluate("node => node.scrollWidth > node.clientWidth + 1")
        ] == []


def test_the_tick_for_a_far_rate_stands_there_only_while_such_a_rate_is_typed(nurse):
    page = nurse.page
    form = page.locator("form:has([value=rate_set]):visible").first
    field, tick = form.locator("[name=rate_ml_per_h]"), form.locator("label.sure")
    assert tick.is_hidden()
    field.fill("1500")
    assert "Far from the ordered 150 mL/h" in tick.inner_text()
    tick.locator("input").check()
    for width, tall in ((1440, 900), (390, 844)):
        page.set_viewport_size({"width": width, "height": tall})
        assert tick.bounding_box()["height"] >= 44
    field.fill("30")
    assert tick.is_hidden()
    assert not tick.locator("input").is_checked()


def lies_over(one, other):
    return one["y"] < other["y"] + other["height"] and other["y"] < one["y"] + one["height"]


@pytest.mark.parametrize("panel", ["drug", "pressure", "saturation"])
def test_on_a_phone_what_is_read_at_a_minute_never_lies_where_the_finger_is(nurse, panel):
    page = nurse.page
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_timeout(800)
    plot = page.locator(f"#chart .plot[data-place={panel}]")
    for place in ("start", "end"):
        plot.evaluate("(node, block) => node.scrollIntoView({ block })", place)
        box = plot.bounding_box()
        x, y = box["x"] + box["width"] / 3, box["y"] + box["height"] / 2
        page.mouse.move(x + 5, y)
        page.mouse.move(x, y)
        read = page.locator(".readout:visible")
        read.wait_for()
        assert "minute" in read.inner_text()
        assert not lies_over(read.bounding_box(), {"y": y - 20, "height": 40})


def test_on_a_phone_emergency_and_the_ways_to_record_stand_in_reach_of_the_thumb(nurse):
    page = nurse.page
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_timeout(500)
    for name in ("Check", "Observe", "Pump", "Chart"):
        box = page.locator(".thumb").get_by_role("link", name=name, exact=True).bounding_box()
        assert box["width"] >= 44
        assert box["height"] >= 44
        assert box["x"] + box["width"] <= 390
    held_box = page.get_by_role("button", name="Hold: emergency").bounding_box()
    assert held_box["y"] > 700
    assert held_box["x"] + held_box["width"] <= 390
    page.locator(".thumb").get_by_role("link", name="Check", exact=True).click()
    assert page.locator("#type-check [name=nibp_systolic]").is_visible()
