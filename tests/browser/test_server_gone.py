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
    nurse.page.locator(".events li", has_text="blanket").first.wait_for()
    nurse.page.wait_for_function("() => document.getElementById('unsent').hidden")
    nurse.go(address)
    assert nurse.page.locator(".events li", has_text="blanket").count() == events + 1
