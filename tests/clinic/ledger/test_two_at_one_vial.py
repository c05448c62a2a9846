"""Two people write into the drug book at one instant, each over a connection of their own: it is never overdrawn."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from threading import Barrier, BrokenBarrierError

import pytest
from django.db import connection
from tests.builders import AT, make_clinic, make_infusing

from openketamine.clinic.ledger import actions
from openketamine.clinic.ledger.models import Row, Vial

pytestmark = pytest.mark.django_db(transaction=True)
BOTH = {"by": "nils", "second": "nora", "at": AT}


@pytest.fixture
def vial():
    on = AT.date() + timedelta(days=90)
    return actions.receive(lot="LOT-1", strength=Decimal(50), content_mg=Decimal(50), expires_on=on, by="pia", at=AT)


@pytest.fixture
def session():
    make_clinic()
    return make_infusing().reference


def at_once(monkeypatch, name, *writes):
    """Let each write look what there is before any of them has written; return what became of each."""
    looked, look = Barrier(len(writes)), getattr(actions, name)

    def looks_slowly(*args):
        found = look(*args)
        if not looked.broken:
            try:
                looked.wait(timeout=1)
            except BrokenBarrierError:  # the other one waits for its turn: that is what is wanted
                looked.abort()
        return found

    monkeypatch.setattr(actions, name, looks_slowly)

    def run(write):
        try:
            write()
        except actions.LedgerError as error:
            return str(error)
        finally:
            connection.close()
        return "written"

    with ThreadPoolExecutor(len(writes)) as pool:
        return sorted(pool.map(run, writes))


def test_two_draws_at_once_take_no_more_than_the_vial_holds(monkeypatch, session, vial):
    def draw():
        actions.draw(session=session, vial=vial, mg=Decimal(35), patient="x", **BOTH)

    told = at_once(monkeypatch, "left", draw, draw)

    assert told == ["mg = 35.0: vial LOT-1 holds 15.0 mg", "written"]
    assert actions.left(Vial.objects.get(pk=vial.pk)) == 15


def test_a_draw_and_the_rest_wasted_at_once_take_no_more_than_the_vial_holds(monkeypatch, session, vial):
    def draw():
        actions.draw(session=session, vial=vial, mg=Decimal(35), patient="x", **BOTH)

    def discard():
        actions.discard(vial=vial, mg=Decimal(40), basis="opened", **BOTH)

    told = at_once(monkeypatch, "left", draw, discard)

    assert told[1:] == ["written"]
    assert actions.left(Vial.objects.get(pk=vial.pk)) in {15, 10}


def test_two_wastes_at_once_waste_no_more_than_was_drawn(monkeypatch, session):
    drawn = actions.balance(session).drawn_mg

    def waste():
        actions.waste(session=session, mg=drawn - 10, patient="x", **BOTH)

    told = at_once(monkeypatch, "balance", waste, waste)

    assert told[1:] == ["written"]
    assert "wasted already" in told[0]
    assert actions.balance(session).wasted_mg == drawn - 10


def test_two_counts_at_once_post_a_difference_once(monkeypatch, vial):
    def count():
        actions.count(vial=vial, counted_mg=Decimal(45), reason="spilt", **BOTH)

    at_once(monkeypatch, "left", count, count)

    assert [row.mg for row in Row.objects.filter(vial=vial)] == [5]
    assert actions.left(Vial.objects.get(pk=vial.pk)) == 45
