"""The touch budget of a session, counted: from arrived to infusing, a change of rate, and from recovering to the way home.

A tap is a press on a button, a link, a tick, a field to type into; a list to choose from costs two. Keystrokes are not taps.
"""

import re

import pytest
from tests.browser.finger import Finger, made_ready_to_leave

TO_INFUSING, TO_ANOTHER_RATE, TO_THE_WAY_HOME = 40, 4, 30
WHO, BORN = "Hedda Demo-Hazel", "1981-02-26"
ASKED = (
    "consent", "driving", "fasting", "antihypertensives", "medicines", "sober", "pregnancy", "drug_screen", "urinary", "suicidality", "bell",
)  # fmt: skip


@pytest.fixture
def told(pytestconfig):
    return pytestconfig.get_terminal_writer().line


def seated(desk):
    """A signed order of today and a chair that was gone through this morning: what stands before somebody arrives."""
    prescriber = desk("ada")
    page = prescriber.go("/patients/")
    page.get_by_role("link", name=WHO).first.click()
    page.get_by_role("link", name="Plan", exact=True).first.click()
    page.locator("[name=weight_kg]:visible").fill("70")
    page.locator("[name=strength]:visible").select_option("50")
    prescriber.press("Show the dose card")
    prescriber.press("Sign and lock the order")
    page.get_by_text("Signed and locked: Ada Example").first.wait_for()
    nurse = desk("nils")
    nurse.go(page.url.removeprefix(prescriber.address))
    nurse.page.locator("[name=chair]:visible").select_option(label="Chair 6")
    nurse.page.locator("form:has([name=chair]) button:visible").first.click()
    nurse.page.wait_for_selector("#live[data-phase=arrived]")
    nurse.page.get_by_role("link", name="Chair: ready today?").click()
    for box in nurse.page.locator("[name=present]").all():
        box.check()
    nurse.page.locator("[name=observer]").fill("Nils Example")
    nurse.page.locator("[name=clinician]").fill("Ada Example")
    nurse.press("Record: chair gone through")
    nurse.page.wait_for_selector("#live[data-phase=arrived]")
    return nurse.page


def asked_and_answered(finger, page):
    finger.type(page.locator("[name=identity_name]"), WHO)
    finger.type(page.locator("[name=identity_born]"), BORN)
    finger.type(page.locator("[name=escort_name]"), "Escort Example")
    for item in ASKED:
        finger.tap(page.locator(f"#gate-{item} label:has([value=yes])"))
    finger.type(page.locator("[name=monitor_alarms_name]"), "Nils Example")
    finger.button("Record the answers")
    finger.phase("checked")


def told_meanwhile(page):
    """The page of a second nurse: answers appear by themselves, what she was filling in stays and says who answered meanwhile."""
    page.wait_for_selector("#gate-fasting[data-by=nils] [value=yes]:checked", state="attached")
    page.locator("#gate-consent [data-meanwhile-said]").get_by_text("yes (nils)").wait_for()
    assert page.locator("#gate-consent [value=no]").is_checked()


def drawn(finger, page, password):
    book = page.locator("#ledger")
    finger.tap(book.get_by_text("Drug drawn", exact=True))
    finger.type(book.locator("[name=draw-mg]"), "35")
    finger.choose(book.locator("[name=draw-vial]"), index=1)
    finger.choose(book.locator("[name=draw-second]"), value="nora")
    finger.type(book.locator("[name=draw-password]"), password)
    with page.expect_navigation():
        finger.tap(book.get_by_role("button", name="Record: drawn"))
    page.wait_for_selector("#live")


def test_from_arrived_to_infusing_and_to_another_rate(desk, demo, told):
    page = seated(desk)
    page.get_by_text("Last time").first.wait_for()
    finger, other = Finger(page), desk("nora").go(re.sub(r"^https?://[^/]+", "", page.url))
    other.locator("#gate-consent label:has([value=no])").click()

    asked_and_answered(finger, page)
    told_meanwhile(other)
    drawn(finger, page, re.search(r"nora +(\S+)", demo.said)[1])
    finger.check()
    finger.type(page.locator("form:has([value=line_primed]):visible [name=volume_ml]").first, "15")
    finger.button("Record: line primed")
    page.get_by_text("Recorded as event").first.wait_for()
    finger.button("Record: ready")
    finger.phase("ready")
    finger.type(page.locator("form:has([value=started]) [name=rate_ml_per_h]"), "150")
    finger.tap(page.locator("form:has([value=started]) button"))  # its name says the rate and the time by now
    finger.phase("infusing")
    told(f"arrived -> infusing: {finger.taps} taps")

    rate = Finger(page)
    rate.type(page.locator("form:has([value=rate_set]) [name=rate_ml_per_h]").first, "120")
    rate.tap(page.locator("form:has([value=rate_set]) button").first)
    page.locator(".phase-line").get_by_text("120 mL/h").wait_for()
    told(f"change of rate: {rate.taps} taps")

    assert finger.taps <= TO_INFUSING
    assert rate.taps <= TO_ANOTHER_RATE


def test_from_recovering_to_the_way_home(desk, told):
    nurse = desk("nils")
    nurse.restart()
    nurse.chair(4)
    page, finger = nurse.page, Finger(nurse.page)
    page.locator("#recovery .criteria").wait_for()
    assert "Modified Aldrete 1" not in page.locator("#criterion-recovery_score").inner_text(), "nobody has scored yet"

    made_ready_to_leave(finger, page)
    finger.type(page.locator("#recovery [name=escort]"), "Escort Example")
    finger.button("Record: the person leaves")
    finger.phase("discharged")
    told(f"recovering -> the way home: {finger.taps} taps")

    assert finger.taps <= TO_THE_WAY_HOME
