"""What a tablet has to load before the chair page works."""

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from tests.clinic.journey.steps import planned, seated, started

pytestmark = pytest.mark.django_db
MOST_BYTES = 150_000


def scripts_of(page):
    """Every script of a page, and what those import, by its path on disk."""
    waiting = [Path(finders.find(name)) for name in re.findall(r'<script src="/static/([^"]+\.js)"', page)]
    found = set()
    while waiting:
        path = waiting.pop().resolve()
        if path not in found:
            found.add(path)
            waiting += [path.parent / name for name in re.findall(r'from "(\./[^"]+\.js)"', path.read_text())]
    return found


def test_the_scripts_of_the_chair_page_stay_below_150_kilobytes_compressed(nurse, prescriber, patient, now):
    planned(prescriber, patient)
    infusion = seated(nurse, patient)
    started(nurse, infusion)

    scripts = scripts_of(nurse.get("infusion:chair", infusion.reference).text)
    compressed = {path.name: len(gzip.compress(path.read_bytes(), mtime=0)) for path in scripts}

    assert {"chart.js", "panels.js", "rows.js", "marks.js", "record.js", "live.js"} <= compressed.keys()
    assert sum(compressed.values()) < MOST_BYTES
