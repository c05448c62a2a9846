"""What no tablet keeps (a correction, drug wasted before a witness, a signature) says so at once, keeps what was typed, and goes later."""

GONE = "The server cannot be reached: nothing was recorded"
UNHEARD_MS = 1200
BACK = "The server answers: press the button again."


def pressed_without_network(nurse, form, button):
    """The network goes, somebody presses; it is said in the form, which says too when the server answers again."""
    nurse.settled()
    nurse.context.set_offline(True)
    nurse.page.wait_for_timeout(UNHEARD_MS)
    form.get_by_role("button", name=button).click()
    form.get_by_role("alert").filter(has_text=GONE).wait_for()


def back(nurse, form):
    nurse.context.set_offline(False)
    form.get_by_role("alert").filter(has_text=BACK).wait_for()


def test_a_correction_keeps_its_reason_and_goes_once_the_server_answers(desk):
    nurse = desk("nils")
    nurse.chair(2)
    nurse.settled()
    nurse.press("blanket")
    nurse.page.get_by_text("Recorded as event").wait_for()
    row = nurse.page.locator(".events li", has_text="blanket").last
    nurse.settled()
    address = row.get_by_role("link", name="correct event").get_attribute("href")
    nurse.go(address)
    form = nurse.page.locator("main form")
    form.get_by_label("What was wrong").fill("another chair")
    pressed_without_network(nurse, form, "entered in error")

    assert nurse.page.url.endswith(address)
    assert form.get_by_label("What was wrong").input_value() == "another chair"
    assert nurse.page.locator("#unsent").is_hidden()
    back(nurse, form)
    form.get_by_role("button", name="entered in error").click()
    nurse.page.locator("#live").wait_for()
    nurse.page.locator(".events li", has_text="entered in error: another chair").first.wait_for()


def test_drug_wasted_before_a_witness_keeps_what_was_typed_also_while_other_forms_are_sent(desk):
    nurse = desk("nils")
    nurse.chair(4)
    page = nurse.page
    page.locator("#ledger").get_by_text("Drug wasted", exact=True).click()
    form = page.locator("#ledger form", has=page.get_by_role("button", name="Record: wasted before a witness"))
    form.locator("[name=waste-mg]").fill("0.1")
    form.get_by_label("Second person").select_option("ada")
    pressed_without_network(nurse, form, "Record: wasted before a witness")
    page.locator("#criterion-steady_gait").get_by_role("button", name="not met: ").click()
    page.locator("#unsent").wait_for()

    back(nurse, form)
    page.locator("#unsent").wait_for(state="hidden")
    assert form.locator("[name=waste-mg]").input_value() == "0.1"
    form.get_by_role("button", name="Record: wasted before a witness").click()
    page.locator("#ledger td", has_text="0.1").first.wait_for()
