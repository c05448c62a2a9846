"""A live page is told anew every few seconds: what somebody has unfolded, chosen and typed there stays."""


def test_a_score_that_is_being_filled_in_stays_open_while_the_page_is_told_anew(desk):
    nurse = desk("nils")
    nurse.chair(4)
    page = nurse.page
    page.get_by_text("Score Modified Aldrete: recovery", exact=True).click()
    form = page.locator("#recovery form", has=page.get_by_role("button", name="Record: Modified Aldrete: recovery"))
    best = form.locator("label", has_text="2: Moves all four limbs on request")
    best.click()
    note = page.locator("#criterion-steady_gait [name=note]")
    note.fill("held the rail")

    for _ in range(2):
        with page.expect_response(lambda answer: "/recovery/" in answer.url):
            page.evaluate("document.body.dispatchEvent(new CustomEvent('changed', { detail: {} }))")
        page.wait_for_function("() => !document.querySelector('.htmx-request')")

    assert best.is_visible()
    assert best.get_by_role("radio").is_checked()
    assert note.input_value() == "held the rail"
    assert nurse.complaints == []
