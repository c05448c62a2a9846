"""A recorded session is played again with the keyboard alone."""

import re


def test_training_is_played_paced_and_moved_by_keyboard(desk):
    nurse = desk()
    address = nurse.chair(1)
    page = nurse.go(f"{address}training/")
    page.wait_for_selector("[data-act=play]:visible")
    moment = page.locator("[data-place=moment]")
    assert moment.inner_text().partition("· ")[2].startswith("0:00")

    page.locator("[data-act=speed]").focus()
    page.keyboard.press("End")
    page.locator("[data-act=play]").focus()
    page.keyboard.press("Space")
    page.wait_for_function("() => Number(document.getElementById('player').elements.s.value) > 60")
    page.keyboard.press("Space")

    page.locator("[name=s]").focus()
    page.keyboard.press("End")
    page.wait_for_selector(".recorded .event-started")
    assert page.locator(".training-mark").inner_text().startswith("TRAINING")
    assert re.search(r"(\d+:\d\d) / \1$", moment.inner_text())
    assert page.locator("main form[method=post]").count() == 0
