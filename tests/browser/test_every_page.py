"""Every page: no accessibility violation, no complaint in the console, light and dark, wide and narrow."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

AXE = Axe()
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}


def violations(page):
    found = AXE.run(page, options=RULES).response["violations"]
    return [(one["id"], [node["html"][:120] for node in one["nodes"][:3]]) for one in found]


def pages(desk, who):
    """Return the addresses of every kind of page that this person can reach."""
    visitor = desk(who)
    found = {"/", "/patients/", "/people/refer/", "/monitoring/rules/"}
    visitor.go("/")
    found |= {link for link in links(visitor.page) if "/infusion/" in link}
    for person in ("Alba", "June", "Fern", "Gil"):
        visitor.go("/patients/")
        visitor.page.get_by_role("link", name=person).first.click()
        found |= {link for link in links(visitor.page) if not link.endswith(".pdf")}
    visitor.go(next(link for link in links(visitor.page) if link.startswith("/course/")))
    found |= {link for link in links(visitor.page) if "/answer/" in link}
    return sorted(one_of_each_kind(found))


def one_of_each_kind(addresses):
    """Return one address for each view: references and numbers in it are anybody's; of questionnaires, four."""
    kinds = {}
    for address in sorted(addresses):
        kind = re.sub(r"/answer/[^/]+/", "/answer/", re.sub(r"/(\d+|[0-9a-f]{10})(?=/)", "/one", address))
        kinds.setdefault(kind, []).append(address)
    return [address for kind, some in kinds.items() for address in some[: 4 if "/answer/" in kind else 2]]


def links(page):
    every = page.eval_on_selector_all(
        "main a[href^='/'], nav a[href^='/']", "all => all.map(one => one.getAttribute('href'))"
    )
    return [link for link in dict.fromkeys(every) if not link.endswith(".pdf")]


@pytest.mark.parametrize(("scheme", "width", "height"), [("light", 1440, 900), ("dark", 390, 844)])
def test_no_page_of_a_prescriber_breaks_an_accessibility_rule(desk, scheme, width, height):
    reachable = pages(desk, "ada")
    assert len(reachable) > 15
    looker = desk("ada", scheme=scheme, width=width, height=height)
    broken = {}
    for address in reachable:
        looker.go(address)
        page = looker.settled()
        found = violations(page)
        if found:
            broken[address] = found
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 1:
            broken.setdefault(address, []).append(("wider than the screen", wide))

    assert broken == {}


def test_the_phone_pages_and_sign_in_break_no_rule(desk):
    nurse = desk()
    nurse.chair(1)
    nurse.page.get_by_role("link", name="The page on their phone").click()
    assert violations(nurse.page) == []
    assert nurse.page.get_by_role("button", name="I need someone").is_visible()

    nurse.go("/people/sign-in/")
    assert violations(nurse.page) == []


@pytest.mark.parametrize(("scheme", "width", "height"), [("light", 1440, 900), ("dark", 390, 844)])
def test_how_it_works_is_open_to_anybody_and_breaks_no_rule(chromium, demo, scheme, width, height):
    context = chromium.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    page = context.new_page()
    page.goto(demo.address + "/people/sign-in/")
    page.get_by_role("link", name="How ketamine treatment works").click()
    page.select_option("select[name=dose]", "1")
    page.get_by_role("button", name="Show").press("Enter")
    page.wait_for_url("**dose=1**")

    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 1
    assert page.locator("svg.curve").count() > 8
    context.close()


def test_a_check_is_typed_with_at_most_25_keys(desk):
    nurse = desk()
    nurse.chair(1)
    nurse.settled()
    nurse.page.get_by_text("Type a check", exact=True).click()
    nurse.page.wait_for_selector("input[name=nibp_systolic]:focus")
    keys = 0
    for typed in ("128", "78", "72", "97", "14", "a", "", "5", "1", "0"):
        for key in typed:
            nurse.page.keyboard.press(key)
            keys += 1
        if typed != "0":
            nurse.page.keyboard.press("Tab")
            keys += 1
    nurse.page.keyboard.press("Enter")
    keys += 1

    nurse.page.locator("[data-signal=nibp_systolic]", has_text="128").wait_for()
    assert keys <= 25
    assert "typed" in nurse.page.locator("[data-signal=nibp_systolic]").inner_text()


def test_a_sign_in_works_with_the_keyboard_alone(desk):
    visitor = desk()
    visitor.press("Sign out")
    visitor.page.wait_for_selector("h1:has-text('Sign in')")
    visitor.page.keyboard.press("Tab")
    assert "Skip to the page" in visitor.page.evaluate("document.activeElement.innerText")
    for _ in range(30):
        visitor.page.keyboard.press("Tab")
        if visitor.page.evaluate("document.activeElement.innerText").startswith("Nurse: Nils"):
            break
    visitor.page.keyboard.press("Enter")

    visitor.page.wait_for_selector("h1:has-text('Chairs')")
