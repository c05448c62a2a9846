"""An alarm is acknowledged while the server cannot be reached: one answer, from when it was given, and none for what got worse."""

from datetime import timedelta

import pytest
from tests.browser import slow
from tests.browser.conftest import Desk

ANSWERS = """
SELECT answer.at, answer.until, answer.recorded_at, answer.by FROM monitoring_alarmanswer answer
JOIN monitoring_alarmevent event ON event.id = answer.event_id
JOIN infusion_infusion infusion ON infusion.watch_id = event.watch_id WHERE infusion.reference = ?
"""
QUIET = timedelta(minutes=5)
WAITED_MS = 6000


@pytest.fixture(scope="module")
def clinic(tmp_path_factory):
    clinic = slow.started(tmp_path_factory.mktemp("alarm"))
    yield clinic
    clinic.stop()


@pytest.fixture
def nurse(chromium, clinic):
    desk = Desk(chromium, clinic, "nils")
    yield desk
    complaints = [said for said in desk.complaints if "409" not in said]
    desk.close()
    assert complaints == []


def urgent_at(nurse, clinic, chair, systolic):
    """An urgent alarm of a typed pressure stands on the page; the network is cut, and somebody acknowledges it."""
    address = nurse.chair(chair)
    slow.typed(clinic.sign_in("ada"), address, systolic, 98)
    alarm = nurse.page.locator(".alarm.urgent:not(.answered)", has_text=str(systolic)).first
    alarm.wait_for()
    nurse.settled()
    nurse.context.set_offline(True)
    alarm.get_by_role("button", name="Acknowledge").click()
    unsent = nurse.page.locator("#unsent")
    unsent.get_by_text("Acknowledge").wait_for()
    assert unsent.inner_text().startswith("1 ")
    alarm.locator("form[data-unsent='not yet sent']").wait_for()
    return address, alarm


def answers(clinic, address):
    return slow.rows(clinic, ANSWERS, address.split("/")[2])


def test_it_is_one_answer_that_counts_from_the_tap(nurse, clinic):
    address, alarm = urgent_at(nurse, clinic, 1, 205)
    nurse.page.wait_for_timeout(WAITED_MS)
    assert "answered" not in alarm.get_attribute("class")
    nurse.context.set_offline(False)

    nurse.page.locator("#unsent").wait_for(state="hidden")
    nurse.page.locator(".alarm.urgent.answered", has_text="205").filter(has_text="acknowledged by nils").wait_for()
    ((at, until, recorded_at, by),) = answers(clinic, address)
    at, until, recorded_at = (slow.moment(one) for one in (at, until, recorded_at))
    waited = recorded_at - at
    assert timedelta(milliseconds=WAITED_MS) <= waited < timedelta(milliseconds=WAITED_MS + 6000)
    assert (until - at, by) == (QUIET, "nils")


def test_it_quiets_nothing_when_the_pressure_got_worse_meanwhile(nurse, clinic):
    address, _alarm = urgent_at(nurse, clinic, 3, 204)
    slow.typed(clinic.sign_in("ada"), address, 221, 104)
    nurse.page.wait_for_timeout(WAITED_MS)
    nurse.context.set_offline(False)

    refused = nurse.page.locator("#refused")
    refused.get_by_text("got worse since this page last heard of it").wait_for()
    assert nurse.page.locator("#unsent").is_hidden()
    nurse.page.locator(".alarm.urgent:not(.answered)").first.wait_for()
    assert answers(clinic, address) == []
    refused.get_by_role("button", name="Dismiss").click()
    refused.wait_for(state="hidden")


def test_it_says_that_it_waits_also_when_the_page_is_told_anew_meanwhile(nurse, clinic):
    address = nurse.chair(4)
    slow.typed(clinic.sign_in("ada"), address, 206, 97)
    form = nurse.page.locator(".alarm.urgent:not(.answered)", has_text="206").first.locator("form")
    form.wait_for()
    nurse.settled()
    nurse.page.route("**/alarm/**", lambda route: route.abort("internetdisconnected"))
    form.get_by_role("button", name="Acknowledge").click()
    form.and_(nurse.page.locator("[data-unsent]")).wait_for()
    shown = form.locator("[name=shown]").input_value()
    nurse.page.evaluate("document.body.dispatchEvent(new CustomEvent('changed', { detail: {} }))")
    nurse.page.wait_for_function(
        "shown => [...document.querySelectorAll('[name=shown]')].every(one => one.value !== shown)", arg=shown
    )
    nurse.settled()

    assert form.get_attribute("data-unsent") == "not yet sent"
    nurse.page.unroute_all()
    nurse.page.locator(".alarm.urgent.answered", has_text="206").first.wait_for()
    assert len(answers(clinic, address)) == 1
