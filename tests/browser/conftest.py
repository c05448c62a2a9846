"""A demo clinic of its own, run as its users run it, and Debian's Chromium to look at it."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from urllib.request import urlopen

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
MUST = os.environ.get("OPENKETAMINE_CI") == "True"
NOISE = ("net::ERR_INCOMPLETE_CHUNKED_ENCODING", "net::ERR_CONNECTION_REFUSED", "net::ERR_NETWORK_CHANGED")


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
    """The demo clinic at ten times real time: its address, and its home folder."""
    home, port = tmp_path_factory.mktemp("demo"), free_port()
    environment = {**os.environ, "OPENKETAMINE_HOME": str(home), "PYTHONPATH": "src"}
    command = [sys.executable, "-m", "openketamine", "demo", "--port", str(port), "--home", str(home)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, start_new_session=True) as process:
        address = f"http://127.0.0.1:{port}"
        wait_for(address + "/people/sign-in/")
        yield address, home
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(address, seconds=60):
    for _ in range(seconds * 4):
        try:
            with urlopen(address, timeout=2) as answer:
                return answer.status
        except OSError:
            time.sleep(0.25)
    pytest.fail(f"{address} did not answer")
    return None


class Desk:
    """One page of one browser, signed in; what the page complains of is kept."""

    def __init__(self, browser, address, who, *, width=1440, height=900, scheme="light"):
        self.context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        self.page, self.address, self.complaints = self.context.new_page(), address, []
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

    def restart(self):
        """Begin the two minutes anew and wait until the board shows it."""
        with self.page.expect_navigation(timeout=60000):
            self.press("Restart the two minutes")
        self.page.wait_for_selector("#seat-1 :text('minute 1')")

    def chair(self, number):
        """Open the page of one chair and return its address."""
        self.go("/")
        seat = self.page.locator(
            "article.seat", has=self.page.get_by_role("heading", name=f"Chair {number}", exact=True)
        )
        seat.locator("a[href^='/infusion/']").first.click()
        self.page.wait_for_selector("#live")
        return re.sub(r"^https?://[^/]+", "", self.page.url)

    def close(self):
        self.context.close()


@pytest.fixture
def desk(chromium, demo):
    opened = []

    def sit(who="nils", **more):
        opened.append(Desk(chromium, demo[0], who, **more))
        return opened[-1]

    yield sit
    complaints = [complaint for one in opened for complaint in one.complaints]
    for one in opened:
        one.close()
    assert complaints == []
