"""What the house asks of every file that is written by hand."""

import ast
import re
import subprocess
from pathlib import Path

from django.apps import apps

from openketamine.clinic.audit.models import AppendOnly

ROOT = Path(__file__).resolve().parents[2]
CLOCKS = re.compile(r"\b(datetime\.now|datetime\.utcnow|date\.today|timezone\.now|time\.time|time\.time_ns)\(")
READS_A_CLOCK = {
    "src/openketamine/site/clock.py": "the one clock",
    "src/openketamine/clinic/ui/clock.py": "hands the one clock on to the screens",
}
CHANGES = {
    "people.Clinic": "settings and the demo clock of the clinic; each change of a switch is an audit row",
    "people.Staff": "an account: password, role, whether it is active",
    "people.Patient": "who somebody is; facts, findings and readings about them are rows of their own",
    "monitoring.Chair": "furniture",
    "monitoring.Device": "what has spoken; where it stands is DeviceOnChair, append-only",
    "monitoring.Watch": "one row from start to end, with its end and the state of its alarm machines; alarm events are append-only",
    "monitoring.Pulse": "the heartbeat",
    "infusion.Infusion": "one row from opening to closing: only its end is written later; its events are append-only",
    "portal.HelpControl": "when the patient's page was last heard; each press is a row of its own",
    "people.SignInFailure": "counts failed sign-ins for a while, swept when it no longer counts",
    "fhir.ReceivedBundle": "a file as it came, until it is taken in or thrown away",
}


def tracked(*patterns):
    out = subprocess.run(["git", "ls-files", *patterns], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [line for line in out.splitlines() if (ROOT / line).is_file() and "/migrations/" not in line]


def test_a_function_stops_at_forty_lines():
    long = []
    for name in tracked("src/*.py", "scripts/*.py"):
        for node in ast.walk(ast.parse((ROOT / name).read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                long += [f"{name}:{node.lineno} {node.name}: {lines}"] if lines > 40 else []

    assert long == []


def test_only_the_outermost_caller_reads_a_clock():
    reading = [name for name in tracked("src/*.py") if CLOCKS.search((ROOT / name).read_text(encoding="utf-8"))]

    assert sorted(set(reading) - set(READS_A_CLOCK)) == []


def test_every_clinical_row_is_append_only_or_says_why_not():
    ours = [model for model in apps.get_models() if model.__module__.startswith("openketamine.")]
    changing = {model._meta.label for model in ours if not issubclass(model, AppendOnly)}

    assert sorted(changing - set(CHANGES)) == []
    assert sorted(set(CHANGES) - changing) == []


def test_every_exception_gives_its_reason():
    assert [name for name, reason in {**CHANGES, **READS_A_CLOCK}.items() if not reason] == []


def test_nothing_is_left_to_do_later():
    words = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    files = tracked("src/*.py", "src/*.html", "src/*.js", "scripts/*.py", "*.md")

    assert [
        name for name in files if "/vendor/" not in name and words.search((ROOT / name).read_text(encoding="utf-8"))
    ] == []


def test_no_file_names_a_path_of_one_machine():
    places = re.compile("/" + r"(work|home|Users|root)/\w")
    named = [name for name in tracked() if places.search((ROOT / name).read_text(encoding="utf-8", errors="ignore"))]

    assert named == []
