"""The demo's two minutes, clicked through: what a visitor sees is what the processes did."""

import io
import re

from pypdf import PdfReader
from tests.browser.finger import Finger, made_ready_to_leave


def text(page):
    return page.locator("main").inner_text()


def test_the_board_is_live_and_names_every_chair(desk):
    board = desk()
    board.restart()
    first = board.page.locator("#seat-1 .phase").inner_text()

    board.page.wait_for_function("shown => document.querySelector('#seat-1 .phase').innerText !== shown", arg=first)

    said = text(board.page)
    for words in ("It knows her", "It watches", "It never invents", "The way home"):
        assert words in said


def test_chair_three_strikes_what_it_has_lost_and_never_shows_a_zero(desk):
    nurse = desk()

    def lost():
        nurse.chair(3)
        tile = nurse.page.locator("[data-signal=spo2]")
        tile.locator("s").wait_for()
        assert tile.locator("s").inner_text() != "0"
        nurse.page.get_by_text("spo2_missing").first.wait_for()

    nurse.in_time(lost, begin_by=20, done_by=42)
    nurse.page.wait_for_function("() => !document.querySelector('[data-signal=spo2] s')")
    assert "watched: SpO2, heart rate" in text(nurse.page)


def test_chair_four_goes_home_and_its_record_balances(desk):
    nurse = desk()
    nurse.restart()
    nurse.chair(4)
    made_ready_to_leave(Finger(nurse.page), nurse.page)
    address = nurse.page.url
    nurse.page.get_by_label("Who takes the person home").fill("Escort Example")
    nurse.press("Record: the person leaves")
    nurse.page.get_by_text("35.0 mg drawn = 24.5 mg given + 10.0 mg wasted + 0.5 mg unaccounted").wait_for()
    way_home = nurse.page.locator("#recovery")
    way_home.get_by_label("Second person").select_option("ada")
    way_home.get_by_label("Why the drug does not add up").fill("left in the syringe")
    nurse.press("Sign and lock the record")
    nurse.page.get_by_text("Signed and locked.", exact=True).wait_for()

    reference = re.search(r"/infusion/(\w+)/", address)[1]
    answer = nurse.context.request.get(f"{nurse.address}/recovery/{reference}/record.pdf")
    paper = PdfReader(io.BytesIO(answer.body()))
    words = " ".join(" ".join(page.extract_text() for page in paper.pages).split())
    assert len(paper.pages) == 1
    assert "0.5 mg unaccounted" in words
    assert "DEMO" in words
    assert "Signed and locked by nils" in words


def test_chair_two_rises_until_a_pause_is_previewed_and_recorded(desk):
    nurse = desk()

    def pause():
        nurse.chair(2)
        nurse.page.locator(".alarm.urgent").first.wait_for()
        nurse.press("Show: paused now")
        nurse.page.get_by_text("0 mL/h: nothing is recorded").wait_for()
        nurse.press("Record: pump paused")
        nurse.page.get_by_text("Recorded as event").wait_for()

    nurse.in_time(pause, begin_by=75, done_by=98)
    urgent = nurse.page.locator(".alarm.urgent").first
    assert urgent.get_by_role("button", name="Snooze 10 min").count() == 0
    urgent.get_by_role("button", name="Acknowledge").click()
    nurse.page.wait_for_selector(".alarm.urgent.answered")

    assert "paused" in nurse.page.locator(".phase-line").inner_text()
    nurse.page.locator("[data-signal=nibp_systolic] .value:has-text('158')").wait_for()


def test_chair_three_calls_somebody_from_the_phone(desk):
    nurse = desk()
    nurse.chair(3)

    nurse.page.get_by_text("The person asks for somebody").first.wait_for(timeout=110_000)


def test_a_turned_tablet_and_a_darkened_room_draw_the_chart_anew_not_once_more(desk):
    nurse = desk()
    nurse.chair(1)
    nurse.page.wait_for_selector("#chart canvas")
    panels = nurse.page.locator("#chart canvas").count()

    nurse.page.set_viewport_size({"width": 900, "height": 1440})
    nurse.page.emulate_media(color_scheme="dark")
    nurse.page.wait_for_function("() => document.querySelector('#chart canvas').clientWidth < 900")

    assert nurse.page.locator("#chart canvas").count() == panels


def test_chair_one_s_check_falls_due_at_half_a_minute_and_the_nurse_s_sheet_does_it(desk):
    nurse = desk()

    def due():
        nurse.chair(1)
        nurse.page.get_by_text("check due now, minute 20").wait_for()

    nurse.in_time(due, begin_by=30, done_by=52)
    assert "awake (MOAA/S), distress, nausea" in nurse.page.locator(".due-parts").inner_text()
    nurse.page.locator(".due-parts").click()
    for name, value in (("moaas", 5), ("distress", 1), ("nausea", 0)):
        nurse.page.locator(f".check-sheet .due-part [name={name}]").fill(str(value))
    nurse.press("Record the check")
    nurse.page.get_by_text("next check at minute 30").wait_for()
