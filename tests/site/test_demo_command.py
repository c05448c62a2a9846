"""`demo` as a visitor and a power cut meet it: starts, starts again, loses nothing, cleans up after itself."""

import os
import re
import signal
import sqlite3
import stat
import subprocess
import sys

import pytest
from tests.processes import Clinic, free_port, wait_until

from openketamine.site.supervisor import answers

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def clinic(tmp_path_factory):
    """One demo clinic on this module's own folder, running."""
    with Clinic(tmp_path_factory.mktemp("demo")) as clinic:
        yield clinic


def test_the_first_start_prints_the_address_and_a_sign_in_for_each_role(clinic):
    kept = (clinic.home / "signins.txt").read_text()

    assert f"http://127.0.0.1:{clinic.port}/" in clinic.said
    for role in ("Prescriber", "Nurse", "Front desk", "Pharmacist", "Owner"):
        assert re.search(rf"^{role} +\w+ +\S{{12,}}$", kept, re.MULTILINE)
        assert re.search(rf"^{role} +\w+ +\S{{12,}}$", clinic.said, re.MULTILINE)


@pytest.mark.skipif(os.name == "nt", reason="file modes are a matter of Unix")
def test_what_is_kept_can_be_read_by_its_owner_alone(clinic):
    assert stat.S_IMODE((clinic.home / "signins.txt").stat().st_mode) == 0o600
    assert stat.S_IMODE((clinic.home / "secret.key").stat().st_mode) == 0o600
    assert stat.S_IMODE(clinic.home.stat().st_mode) == 0o700


def test_a_busy_port_is_one_clear_line(clinic, tmp_path):
    done = demo("--port", str(clinic.port), "--home", str(tmp_path))

    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert f"--port = {clinic.port}" in done.stderr
    assert "in use" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_speed_out_of_range_is_one_clear_line(tmp_path):
    done = demo("--speed", "1000", "--home", str(tmp_path))

    assert (done.returncode, done.stderr) == (2, "openketamine: --speed = 1000: must be from 0.1 to 60\n")


def test_ten_kills_are_mended_within_two_seconds_and_lose_no_row_that_was_confirmed(clinic):
    visitor, infusion, confirmed = clinic.sign_in("nils"), clinic.look()["chairs"]["Chair 1"], []
    for life in range(10):
        name = ("serve", "work", "listen", "monitors", "serve")[life % 5]
        victim = clinic.children()[name]
        os.kill(victim, signal.SIGKILL)
        typed = [value for value in range(100 + 3 * life, 103 + 3 * life) if visitor.type_check(infusion, value)]
        confirmed += [[infusion, float(value)] for value in typed]
        mended = wait_until(lambda name=name, victim=victim: clinic.children().get(name, victim) != victim, 10)
        assert mended < 2.0, f"{name} came back after {mended:.1f} s"
        assert f"{name} ended (code -9); starting it again" in clinic.heard()
        wait_until(lambda: answers(clinic.port), 20)

    kept = clinic.look()
    assert len(confirmed) >= 10
    assert [one for one in confirmed if one not in kept["typed"]] == []
    assert kept["broken"] is None


def test_the_second_start_keeps_the_clinic_ends_its_sessions_and_seats_four_again(clinic):
    before, signins = clinic.look(), (clinic.home / "signins.txt").read_text()
    clinic.stop()
    clinic.start("--speed", "5")

    after = clinic.look()
    ended = set(before["chairs"].values()) - set(after["chairs"].values())
    assert (clinic.home / "signins.txt").read_text() == signins
    assert after["people"] == before["people"]
    assert [one for one in before["typed"] if one not in after["typed"]] == []
    assert after["chairs"].keys() == before["chairs"].keys()
    assert len(ended) == 4
    assert {after["cancelled"][infusion] for infusion in ended} == {"demo restarted"}
    assert after["speed"] == 5.0


def test_killing_the_demo_itself_leaves_no_process_behind(clinic):
    children = set(clinic.children().values())
    clinic.process.kill()
    clinic.process.wait()

    wait_until(lambda: not children & set(clinic.alive()), 15)
    assert not children & set(clinic.alive())


def test_a_fresh_start_begins_another_clinic_in_the_same_folder(clinic):
    clinic.stop()
    signins = (clinic.home / "signins.txt").read_text()
    (clinic.home / "notes.txt").write_text("mine")
    clinic.start("--fresh")

    assert (clinic.home / "signins.txt").read_text() != signins
    assert (clinic.home / "notes.txt").read_text() == "mine"
    assert clinic.look()["people"] == 12


def test_a_real_clinic_is_never_deleted_and_never_becomes_a_demo(tmp_path):
    make_real_clinic(tmp_path)

    for more in (["--fresh"], []):
        done = demo("--port", str(free_port()), "--home", str(tmp_path), *more)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)
        assert "holds a real clinic" in done.stderr

    with sqlite3.connect(tmp_path / "clinic.sqlite3") as opened:
        assert opened.execute("SELECT name, is_demo FROM people_clinic").fetchall() == [("Real clinic", 0)]


def make_real_clinic(home):
    script = (
        "from openketamine.site.commands.django_setup import setup; setup()\n"
        "from django.core.management import call_command; call_command('migrate', verbosity=0)\n"
        "from openketamine.clinic.people.models import Clinic; Clinic.objects.create(name='Real clinic', is_demo=False)"
    )
    settings = {**os.environ, "OPENKETAMINE_HOME": str(home), "PYTHONPATH": "src:tests/measured"}
    subprocess.run([sys.executable, "-c", script], env=settings, check=True)


def demo(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "openketamine", "demo", *arguments],
        capture_output=True, text=True, timeout=60, check=False, env={**os.environ, "PYTHONPATH": "src:tests/measured"},
    )  # fmt: skip
