"""A live page is told anew every few seconds: what somebody has unfolded and typed there stays."""


def test_a_score_that_is_being_filled_in_stays_open_while_the_page_is_told_anew(desk):
    nurse = desk("nils")
    nurse.chair(4)
    page = nurse.page
    page.get_by_text("Score Modified Aldrete: recovery", exact=True).click()
    form = page.locator("#recovery form", has=page.get_by_role("button", name="Record: Modified Aldrete: recovery"))
    form.get_by_role("combobox").first.select_option("2")

    for _ in range(2):
        with page.expect_response(lambda answer: "/recovery/" in answer.url):
            page.evaluate("document.body.dispatchEvent(new CustomEvent('changed', { detail: {} }))")
        page.wait_for_function("() => !document.querySelector('.htmx-request')")

    assert form.get_by_role("combobox").first.is_visible()
    assert form.get_by_role("combobox").first.input_value() == "2"
    assert nurse.complaints == []
