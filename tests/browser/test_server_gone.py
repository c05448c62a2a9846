"""The server is gone: the tablet keeps recording, a page says so and how much it holds, and nothing is lost or counted twice."""


def test_a_tablet_keeps_recording_says_what_it_holds_and_sends_it_once(desk):
    nurse = desk("nils")
    address = nurse.chair(2)
    nurse.page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
    nurse.settled()
    events = nurse.page.locator(".events li", has_text="blanket").count()

    nurse.context.set_offline(True)
    nurse.press("blanket")
    unsent = nurse.page.locator("#unsent")
    unsent.wait_for()
    assert unsent.inner_text().startswith("1 ")
    nurse.page.goto(nurse.address + address)
    nurse.page.get_by_role("heading", name="The server cannot be reached").wait_for()
    assert nurse.page.locator("#held").inner_text().startswith("1 ")

    nurse.context.set_offline(False)
    nurse.page.wait_for_selector("#live")
    nurse.page.wait_for_load_state("load")
    nurse.page.locator(".events li", has_text="blanket").first.wait_for()
    nurse.page.wait_for_function("() => document.getElementById('unsent').hidden")
    nurse.go(address)
    assert nurse.page.locator(".events li", has_text="blanket").count() == events + 1


def test_a_whole_check_is_typed_while_the_network_is_away(desk):
    nurse = desk("nils")
    nurse.chair(2)
    nurse.settled()

    nurse.context.set_offline(True)
    nurse.page.get_by_text("Type a check", exact=True).click()
    for name, value in {"nibp_systolic": 137, "nibp_diastolic": 83, "heart_rate": 71}.items():
        nurse.page.locator(f".check-sheet [name={name}]").fill(str(value))
    nurse.page.get_by_role("button", name="Record the check").click()
    nurse.page.locator("#unsent").wait_for()
    assert nurse.page.locator("#unsent").inner_text().startswith("1 ")

    nurse.context.set_offline(False)
    nurse.page.locator("[data-signal=nibp_systolic]", has_text="137/83").wait_for()
    nurse.page.locator("#unsent").wait_for(state="hidden")


def test_what_the_server_refuses_stays_in_sight_with_its_reason_until_it_is_dismissed(desk):
    nurse = desk("nils")
    address = nurse.chair(2)
    nurse.settled()

    nurse.page.get_by_text("Type a check", exact=True).click()
    nurse.page.locator(".check-sheet [name=nibp_systolic]").fill("999")
    nurse.page.get_by_role("button", name="Record the check").click()
    refused = nurse.page.locator("#refused")
    refused.wait_for()
    nurse.complaints[:] = [said for said in nurse.complaints if "422" not in said]
    assert "999" in refused.inner_text()
    nurse.go(address)
    refused.get_by_text("Record the check").wait_for()
    refused.get_by_role("button", name="Dismiss").click()

    refused.wait_for(state="hidden")
    nurse.go(address)
    nurse.settled()
    assert not refused.is_visible()


def recovering(desk):
    nurse = desk("nils")
    nurse.restart()
    nurse.chair(4)
    nurse.page.locator("#recovery form").first.wait_for()
    return nurse


def test_a_look_that_is_kept_is_not_yet_sent_until_the_server_has_it(desk):
    nurse = recovering(desk)
    gait = nurse.page.locator("#criterion-steady_gait")
    nurse.settled()

    nurse.context.set_offline(True)
    gait.get_by_role("button", name="not met: ").click()
    unsent = nurse.page.locator("#unsent")
    unsent.get_by_text("not met: ").wait_for()
    assert unsent.inner_text().startswith("1 ")
    gait.locator("form[data-unsent='not yet sent']").first.wait_for()

    nurse.context.set_offline(False)
    unsent.wait_for(state="hidden")
    nurse.page.locator("#criterion-steady_gait:not(.met)", has_text="nils").wait_for()
    assert nurse.page.locator("form[data-unsent]").count() == 0


def test_leaving_that_the_server_refuses_stays_in_sight_with_what_is_missing(desk):
    nurse = recovering(desk)
    nurse.settled()

    nurse.context.set_offline(True)
    nurse.page.get_by_label("Who takes the person home").fill("Escort Example")
    nurse.press("Record: the person leaves")
    nurse.page.locator("#unsent").wait_for()
    nurse.page.get_by_text("Ended another way").wait_for()
    nurse.context.set_offline(False)

    refused = nurse.page.locator("#refused")
    refused.wait_for()
    nurse.complaints[:] = [said for said in nurse.complaints if "409" not in said]
    assert "Escort Example" in refused.inner_text()
    assert "record that they left before the criteria were met" in refused.inner_text()
    assert nurse.page.locator("#live").get_attribute("data-phase") == "recovering"
    assert nurse.page.locator("form[data-unsent]").count() == 0
