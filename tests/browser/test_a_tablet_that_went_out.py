"""Browser or tablet is killed while entries wait: all are there afterwards, and go under no other name than that of who recorded them."""

import os
import signal

from tests.browser import slow
from tests.browser.conftest import CHROMIUM
from tests.processes import processes, wait_until

ARGS = ["--no-sandbox", "--disable-gpu"]
NOTED = "SELECT event.by FROM infusion_infusionevent event WHERE event.says = ?"
WORDS = "hummed along (synthetic)"


def opened(chromium, folder):
    """A browser that keeps what it holds in a folder, as one on a tablet does."""
    context = chromium.browser_type.launch_persistent_context(str(folder), executable_path=CHROMIUM, args=ARGS)
    return context, context.pages[0]


def killed(folder):
    """End the browser of this folder as a flat battery does."""
    mine = f"--user-data-dir={folder}"
    ours = [
        number for number, _parent, args in processes() if mine in args and not any("--type=" in one for one in args)
    ]
    assert len(ours) == 1
    os.kill(ours[0], signal.SIGKILL)
    wait_until(lambda: ours[0] not in [number for number, _parent, _args in processes()], 20)


def signed_in(page, clinic, who):
    page.goto(f"{clinic.address}/people/sign-in/")
    with page.expect_navigation():
        page.locator(f"form:has(input[value={who}]) button").click()


def signed_out(page):
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("heading", name="Sign in", exact=True).wait_for()


def noted(clinic):
    return [by for (by,) in slow.rows(clinic, NOTED, WORDS)]


def test_what_was_tapped_a_moment_before_the_browser_died_is_sent_once_by_who_tapped_it(chromium, demo, tmp_path):
    context, page = opened(chromium, tmp_path)
    signed_in(page, demo, "nils")
    page.locator("article.seat a[href^='/infusion/']").first.click()
    page.wait_for_selector("#live")
    page.wait_for_load_state("load")  # the scripts that keep what is tapped are there
    page.get_by_text("Drug given, something observed").click()
    page.get_by_label("Observed", exact=True).fill(WORDS)
    context.set_offline(True)
    page.get_by_role("button", name="Record: observation").click()
    page.locator("#unsent", has_text=WORDS).wait_for()
    killed(tmp_path)

    context, page = opened(chromium, tmp_path)
    page.goto(f"{demo.address}/people/sign-in/")
    waiting = page.locator("#unsent")
    waiting.wait_for()
    assert "nils: waits until this person signs in here again" in waiting.inner_text()
    assert WORDS not in waiting.inner_text()
    signed_in(page, demo, "ada")
    waiting.get_by_text(WORDS).wait_for()
    page.wait_for_timeout(4000)
    assert "waits until this person signs in here again" in waiting.inner_text()
    assert waiting.get_by_role("button", name="Take back").count() == 0
    assert noted(demo) == []

    signed_out(page)
    signed_in(page, demo, "nils")
    page.get_by_text("Recorded as event").wait_for()
    waiting.wait_for(state="hidden")
    assert "/infusion/" not in page.url
    assert noted(demo) == ["nils"]
    context.close()


def test_a_page_that_one_person_left_open_sends_nothing_once_another_has_signed_in(desk):
    nurse = desk("nils")
    nurse.chair(2)
    nurse.settled()
    other = nurse.context.new_page()
    signed_in(other, nurse.clinic, "ada")

    nurse.press("talks")
    unsent = nurse.page.locator("#unsent")
    unsent.get_by_text("Whoever recorded it is not signed in here any more").wait_for()
    assert slow.rows(nurse.clinic, NOTED, "talks") == []
    signed_out(other)
    signed_in(other, nurse.clinic, "nils")
    wait_until(lambda: slow.rows(nurse.clinic, NOTED, "talks") == [("nils",)], 30)
    nurse.page.goto("about:blank")
    nurse.complaints.clear()  # a page of somebody who is signed in no more complains of all that it asks for
