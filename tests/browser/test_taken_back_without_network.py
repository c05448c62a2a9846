"""What was tapped by mistake while the server cannot be reached: what waits is taken back in sight, what was sent within its ten seconds."""

from datetime import timedelta

from tests.browser import slow

BACK = "SELECT detail FROM audit_entry WHERE action = 'taken back on the tablet before it was sent' AND record LIKE ?"
EVENTS = "SELECT event.kind, event.at, event.recorded_at FROM infusion_infusionevent event JOIN infusion_infusion i ON i.id = event.infusion_id WHERE i.reference = ? AND event.says = ?"
UNDONE_S = 10.5


def events(desk, address, says):
    return slow.rows(desk.clinic, EVENTS, address.split("/")[2], says)


def test_what_waits_is_struck_in_sight_and_never_counts(desk):
    nurse = desk("nils")
    address = nurse.chair(2)
    nurse.settled()
    before = len(events(nurse, address, "music"))
    nurse.context.set_offline(True)
    nurse.press("music")
    nurse.press("blanket")
    unsent = nurse.page.locator("#unsent")
    unsent.get_by_text("blanket").wait_for()
    unsent.locator("li", has_text="music").get_by_role("button", name="Take back").click()

    unsent.locator(".taken-back", has_text="music").wait_for()
    assert unsent.inner_text().startswith("2 ")
    nurse.context.set_offline(False)
    unsent.wait_for(state="hidden")
    nurse.page.locator(".events li", has_text="blanket").first.wait_for()
    assert len(events(nurse, address, "music")) == before
    said = slow.rows(nurse.clinic, BACK, f"%{address.split('/')[2]}%")
    assert len([one for (one,) in said if "music" in one]) == 1


def test_an_undo_that_was_pressed_in_time_counts_when_the_network_is_back(desk):
    nurse = desk("nils")
    nurse.chair(2)
    nurse.settled()
    nurse.press("calm words")
    undo = nurse.page.locator(".undo-bar", has_text="calm words").last
    undo.wait_for()
    nurse.settled()
    nurse.context.set_offline(True)
    undo.get_by_role("button").click()
    unsent = nurse.page.locator("#unsent")
    unsent.get_by_text("Undo").wait_for()
    nurse.page.wait_for_timeout(1000 * UNDONE_S)
    assert undo.is_hidden()
    nurse.context.set_offline(False)

    unsent.wait_for(state="hidden")
    nurse.page.get_by_text("is taken back; both rows stay").wait_for()
    nurse.page.locator(".events li s", has_text="calm words").first.wait_for()


def test_the_offer_to_undo_goes_after_ten_seconds_though_nobody_can_take_it_away(desk):
    nurse = desk("nils")
    nurse.chair(2)
    nurse.settled()
    nurse.press("blanket")
    undo = nurse.page.locator(".undo-bar", has_text="blanket").last
    undo.wait_for()
    nurse.settled()
    nurse.context.set_offline(True)
    assert undo.is_visible()

    nurse.page.wait_for_timeout(1000 * UNDONE_S)
    assert undo.is_hidden()


def test_an_emergency_that_waits_is_recorded_when_it_was_held(desk):
    nurse = desk("nils")
    address = nurse.chair(3)
    nurse.settled()
    nurse.context.set_offline(True)
    nurse.page.get_by_role("button", name="Hold: emergency").focus()
    nurse.page.keyboard.down("Enter")
    nurse.page.locator("#unsent").wait_for()
    nurse.page.keyboard.up("Enter")
    nurse.page.wait_for_timeout(5000)
    nurse.context.set_offline(False)

    nurse.page.locator("#emergency").wait_for()
    ((kind, at, recorded_at),) = events(nurse, address, "emergency")
    assert kind == "emergency"
    assert slow.moment(recorded_at) - slow.moment(at) >= timedelta(seconds=5)
