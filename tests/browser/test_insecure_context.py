"""A page that comes neither over https nor from this machine says which safety functions are off."""

import os
import subprocess
import sys

import pytest
from tests.browser.conftest import CHROMIUM
from tests.processes import free_port, wait_until

from openketamine.site.supervisor import answers

NAME = "clinic.test"


@pytest.fixture
def port(tmp_path):
    """An empty clinic, served under a name that is not this machine's."""
    number = free_port()
    environment = {
        **os.environ, "PYTHONPATH": "src", "OPENKETAMINE_HOME": str(tmp_path), "OPENKETAMINE_HOSTS": f"{NAME},127.0.0.1",
    }  # fmt: skip
    run = [sys.executable, "-m", "openketamine"]
    subprocess.run([*run, "migrate"], env=environment, check=True)
    with subprocess.Popen(
        [*run, "serve", "--port", str(number)], env=environment, stdout=subprocess.DEVNULL
    ) as process:
        wait_until(lambda: answers(number), 60)
        yield number
        process.terminate()


def test_an_insecure_page_lists_what_is_off_and_a_secure_one_does_not(chromium, port):
    shown = {}
    browser = chromium.browser_type.launch(
        executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", f"--host-resolver-rules=MAP {NAME} 127.0.0.1"]
    )
    page = browser.new_page()
    for host in (NAME, "127.0.0.1"):
        page.goto(f"http://{host}:{port}/people/sign-in/")
        page.wait_for_load_state("networkidle")
        shown[host] = page.locator("#insecure").inner_text() if page.locator("#insecure").is_visible() else ""
    browser.close()

    assert shown["127.0.0.1"] == ""
    assert "keeping the screen awake" in shown[NAME]
    assert "service worker" in shown[NAME]
