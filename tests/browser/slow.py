"""A demo clinic in real time, for what has to wait without the clinic's clock running away; its rows are read from beside it."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime

from tests.processes import Clinic


def started(folder):
    """Start a demo clinic that runs as fast as the wall clock."""
    clinic = Clinic(folder)
    clinic.start("--speed", "1")
    return clinic


def rows(clinic, question, *values):
    """Read rows of the clinic from beside it."""
    with closing(sqlite3.connect(clinic.home / "clinic.sqlite3", timeout=20)) as opened:
        return opened.execute(question, values).fetchall()


def moment(text):
    """Return an instant as a row holds it."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def typed(person, address, systolic, diastolic):
    """A check that somebody types at another desk."""
    person.post(address + "check/", nibp_systolic=systolic, nibp_diastolic=diastolic)
