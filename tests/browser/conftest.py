"""A demo clinic of its own, run as its users run it, and Debian's Chromium to look at it."""

import os
import re
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest
from playwright.sync_api import TimeoutError as TooLate
from tests.processes import Clinic

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
MUST = os.environ.get("OPENKETAMINE_CI") == "True"
NOISE = (
    "net::ERR_INCOMPLETE_CHUNKED_ENCODING",
    "net::ERR_CONNECTION_REFUSED",
    "net::ERR_NETWORK_CHANGED",
    "net::ERR_INTERNET_DISCONNECTED",
    "htmx:error: Failed to fetch",  # what htmx says of each of these
)
PATIENCE_MS = 60_000
SESSIONS = "() => [1, 2, 3, 4].flatMap(n => document.querySelector(`#seat-${n} a[href^='/infusion/']`)?.getAttribute('href') ?? [])"
SHOTS = os.environ.get("OPENKETAMINE_SHOTS", "")


def pytest_collection_modifyitems(items):
    for item in items:
        if "tests/browser" in str(item.path).replace("\\", "/"):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium():
    if CHROMIUM is None:
        if MUST:
            pytest.fail("Chromium is missing: .ci/run installs it")
        pytest.skip("no Chromium on this machine: install the package chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """A demo clinic at ten times real time."""
    with Clinic(tmp_path_factory.mktemp("demo")) as clinic:
        yield clinic


def seen(page, name):
    """Keep a picture of a page, wide and narrow, light and dark, in the folder that OPENKETAMINE_SHOTS names."""
    if not SHOTS:
        return
    for width, height in ((1440, 900), (390, 844)):
        for scheme in ("light", "dark"):
            page.set_viewport_size({"width": width, "height": height})
            page.emulate_media(color_scheme=scheme)
            page.wait_for_timeout(300)
            page.screenshot(path=f"{SHOTS}/{name} {width} {scheme}.png", full_page=True)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.emulate_media(color_scheme="light")


class Desk:
    """One page of one browser, signed in; what the page complains of is kept."""

    def __init__(self, browser, clinic, who, *, width=1440, height=900, scheme="light"):
        self.context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        self.context.set_default_timeout(PATIENCE_MS)
        self.clinic, self.address = clinic, clinic.address
        self.page, self.complaints = self.context.new_page(), []
        self.page.on("console", lambda said: said.type == "error" and self._heard(said.text))
        self.page.on("pageerror", lambda error: self._heard(str(error)))
        self.go("/people/sign-in/")
        self.page.locator(f"form:has(input[value={who}]) button").click()

    def _heard(self, text):
        if not any(noise in text for noise in NOISE):
            self.complaints.append(text)

    def go(self, path):
        self.page.goto(self.address + path)
        return self.page

    def press(self, name, exact=True):
        self.page.get_by_role("button", name=name, exact=exact).first.click()

    def settled(self):
        """Wait until nothing of the page is still being fetched."""
        self.page.wait_for_load_state("load")
        self.page.wait_for_function("() => document.fonts.ready.then(() => !document.querySelector('.htmx-request'))")
        return self.page

    def restart(self):
        """Begin the two minutes anew and wait until the board shows other sessions."""
        self.go("/")
        before = self.page.evaluate(SESSIONS)
        self.press("Restart the two minutes")
        self.page.wait_for_function(
            f"before => {{ const now = ({SESSIONS})();"
            " return now.length >= before.length && !now.some(one => before.includes(one)) }",
            arg=before,
        )

    def seconds(self):
        """Return how many seconds of the two minutes have passed."""
        with closing(sqlite3.connect(self.clinic.home / "clinic.sqlite3", timeout=20)) as opened:
            (began,) = opened.execute("SELECT show_wall FROM people_clinic").fetchone()
        return (datetime.now(UTC) - datetime.fromisoformat(began).replace(tzinfo=UTC)).total_seconds()

    def in_time(self, act, *, begin_by, done_by):
        """Do something while its moment of the two minutes lasts; a slow machine gets three goes, each from the start."""
        for _ in range(3):
            if self.seconds() > begin_by:
                self.restart()
            self.page.set_default_timeout(1000 * max(done_by - self.seconds(), 1))
            try:
                act()
            except TooLate as late:
                missed = late
            else:
                self.page.set_default_timeout(PATIENCE_MS)
                return
            self.page.set_default_timeout(PATIENCE_MS)
        raise missed

    def chair(self, number):
        """Open the page of one chair and return its address."""
        self.go("/")
        seat = self.page.locator(
            "article.seat", has=self.page.get_by_role("heading", name=f"Chair {number}", exact=True)
        )
        seat.locator("a[href^='/infusion/']").first.click()
        self.page.wait_for_selector("#live")
        self.page.wait_for_load_state("load")
        return re.sub(r"^https?://[^/]+", "", self.page.url)

    def close(self):
        self.context.close()


@pytest.fixture
def desk(chromium, demo):
    opened = []

    def sit(who="nils", **more):
        opened.append(Desk(chromium, demo, who, **more))
        return opened[-1]

    yield sit
    complaints = [complaint for one in opened for complaint in one.complaints]
    for one in opened:
        one.close()
    assert complaints == []
