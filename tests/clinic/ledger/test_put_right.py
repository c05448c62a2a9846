"""A form that is sent twice counts once; and what a draw or a waste says wrongly is put right by two people, the old row beside the new."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db.models import Q
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.builders import AT
from tests.clinic.journey.steps import drawn, planned, seated

from openketamine.clinic.audit.models import Entry
from openketamine.clinic.ledger import actions
from openketamine.clinic.ledger.models import Count, Row, Vial
from openketamine.clinic.recovery import afterwards, appendix
from openketamine.clinic.recovery.record import record
from openketamine.core.infusion.drug_book import Account

pytestmark = pytest.mark.django_db
D = Decimal
BOTH = {"by": "nils", "second": "nora", "at": AT}
SIGNED = {"second": "ada", "password": "a long enough phrase"}


def received(content=500, lot="LOT-1"):
    on = AT.date() + timedelta(days=90)
    return actions.receive(lot=lot, strength=D(50), content_mg=D(content), expires_on=on, by="pia", at=AT)


@pytest.fixture
def infusion(nurse, prescriber, patient, now):
    planned(prescriber, patient)
    return seated(nurse, patient)


@pytest.fixture
def draw(nurse, infusion):
    """35 mg out of a vial of 500, as somebody types it."""
    drawn(nurse, infusion)
    return Row.objects.get(kind="drawn")


def sends(desk, name, *args, prefix="", act="", **fields):
    """Fill in the form of a page, and send it twice as a double click does."""
    shown = re.search(
        rf'name="{prefix}key" value="(\w+)"|value="(\w+)"[^>]*name="{prefix}key"', desk.get(name, *args).text
    )
    key = next(filter(None, shown.groups()))
    sent = {**{f"{prefix}{field}": value for field, value in fields.items()}, f"{prefix}key": key, "act": act}
    return [desk.post(name, *args, **sent).status_code for _time in range(2)], sent


def right(row, mg, reason="typed on the wrong line", **more):
    return actions.put_right(row=row, mg=D(mg), reason=reason, patient="x", **{**BOTH, **more})


def test_a_vial_received_by_a_form_that_is_sent_twice_is_one_vial(nurse, now):
    sent = {"lot": "LOT-9", "strength": "50", "content_mg": "500", "expires_on": "2027-01-01"}

    assert sends(nurse, "ledger:stock", **sent)[0] == [200, 200]

    assert [vial.content_mg for vial in Vial.objects.all()] == [500]


def test_a_draw_by_a_form_that_is_sent_twice_is_one_draw_also_where_the_vial_is_empty_then(nurse, infusion):
    vial = received(content=35)

    sends(nurse, "ledger:session", infusion.reference, prefix="draw-", act="draw", mg="35", vial=vial.pk, **SIGNED)

    assert actions.balance(infusion.reference).drawn_mg == 35


def test_a_waste_a_rest_and_a_count_by_forms_that_are_sent_twice_count_once(nurse, infusion, draw):
    sends(nurse, "ledger:session", infusion.reference, prefix="waste-", act="waste", mg="5", **SIGNED)
    sends(nurse, "ledger:vial", draw.vial_id, prefix="discard-", act="discard", mg="100", basis="opened", **SIGNED)
    sends(nurse, "ledger:vial", draw.vial_id, prefix="count-", act="count", mg="360", reason="spilt", **SIGNED)

    assert actions.balance(infusion.reference).wasted_mg == 5
    assert [row.mg for row in Row.objects.exclude(kind="drawn")] == [5, 100, 5]
    assert Count.objects.count() == 1


def test_a_form_that_comes_again_and_says_something_else_is_refused_aloud(nurse, infusion):
    vial = received()
    _codes, sent = sends(
        nurse, "ledger:session", infusion.reference, prefix="draw-", act="draw", mg="35", vial=vial.pk, **SIGNED
    )

    again = nurse.post("ledger:session", infusion.reference, **{**sent, "draw-mg": "10"})

    assert again.status_code == 422
    assert "This form was recorded already, and said something else" in again.text
    assert actions.balance(infusion.reference).drawn_mg == 35


def test_two_draws_that_two_pages_asked_for_are_two(nurse, infusion):
    vial = received()
    for _time in range(2):
        sends(nurse, "ledger:session", infusion.reference, prefix="draw-", act="draw", mg="20", vial=vial.pk, **SIGNED)

    assert actions.balance(infusion.reference).drawn_mg == 40


def test_a_draw_that_never_happened_is_taken_back_by_two_people_and_the_vial_holds_it_again(nurse, infusion, draw):
    page = nurse.get("ledger:session", infusion.reference).text
    assert f'href="{reverse("ledger:row", args=[draw.pk])}"' in page

    sends(nurse, "ledger:row", draw.pk, mg="0", reason="another person's syringe", **SIGNED)

    new = Row.objects.get(replaces=draw)
    assert (new.mg, new.by, new.second, new.basis) == (0, "nils", "ada", "another person's syringe")
    assert (actions.balance(infusion.reference).drawn_mg, actions.left(draw.vial)) == (0, 500)
    assert actions.standing()[Account.SYRINGE] == 0
    book = nurse.get("ledger:session", infusion.reference).text
    assert "<s>35.00</s>" in book
    assert "instead of 35.0 mg; another person&#x27;s syringe" in book
    assert "instead of 35.0 mg" in nurse.get("ledger:vial", draw.vial_id).text


def test_old_and_new_stand_in_the_audit_chain_the_record_and_the_appendix(infusion, draw):
    new = right(draw, "30", reason="typed too much")

    assert Entry.objects.filter(action="drug drawn").last().detail == {
        "mg": "30", "second": "nora", "instead_of": "35.00",
    }  # fmt: skip
    said = "instead of 35.0 mg; typed too much"
    assert [row[3] for row in record(infusion)["drug"]["rows"]] == [said]
    told = dict(appendix.rows(infusion)["tables"])["Drug book, also what was replaced"]
    assert [row[:2] for row in told] == [["drawn", "35.00"], ["drawn", "30.00"]]
    assert said in told[1]
    assert afterwards.said(new) == f"drawn 30.0 mg, second person nora; {said}"


def test_it_needs_another_person_s_own_password_a_reason_and_other_milligrams(nurse, draw):
    answers = [
        nurse.post("ledger:row", draw.pk, **{"mg": "0", "reason": "never drawn", **SIGNED, **changes})
        for changes in ({"password": "guessed wrongly"}, {"second": "nils"}, {"reason": ""}, {"mg": "35"}, {"mg": "-1"})
    ]

    assert [one.status_code for one in answers] == [422] * 5
    assert "mg = 35.0: that stands there already" in answers[3].text
    assert not Row.objects.filter(replaces=draw).exists()
    with pytest.raises(actions.LedgerError, match="another person"):
        right(draw, 0, second="nils")


def test_what_was_put_right_once_is_put_right_again_by_its_newest_row_alone(draw):
    newest = right(draw, 30)

    with pytest.raises(actions.LedgerError, match="put right the newest one"):
        right(draw, 20)
    assert right(newest, 20).mg == 20


def test_a_draw_is_not_put_right_below_what_was_wasted_of_it_nor_above_what_the_vial_holds(infusion, draw):
    wasted = actions.waste(session=infusion.reference, mg=D(10), patient="x", **BOTH)

    with pytest.raises(actions.LedgerError, match=r"then 5\.0 mg would be drawn and 10\.0 mg wasted"):
        right(draw, 5)
    with pytest.raises(actions.LedgerError, match=r"holds 465\.0 mg"):
        right(draw, 501)
    right(wasted, 0)
    assert right(draw, 5).mg == 5


def test_a_rest_that_was_wasted_wrongly_goes_back_to_its_vial(nurse, infusion, draw):
    rest = actions.discard(vial=draw.vial, mg=D(100), basis="opened", **BOTH)

    answer = nurse.post("ledger:row", rest.pk, mg="0", reason="it is still sealed", **SIGNED)

    assert answer.redirect_chain[-1][0] == reverse("ledger:vial", args=[draw.vial_id])
    assert actions.left(draw.vial) == 465


def test_what_the_book_computes_itself_cannot_be_put_right_by_hand(nurse, infusion, draw):
    given = actions.give(session=infusion.reference, mg=D(20), basis="recorded rates", by="nils", at=AT, patient="x")

    assert nurse.get("ledger:row", given.pk).status_code == 404
    with pytest.raises(actions.LedgerError, match="cannot be put right"):
        right(given, 0)


STEPS = st.lists(
    st.tuples(st.sampled_from(["draw", "waste", "discard", "right"]), st.integers(0, 60), st.integers(0, 5)), max_size=14
)  # fmt: skip


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_whatever_two_people_write_no_vial_and_no_syringe_ever_holds_less_than_nothing(infusion, steps):
    session, vial = f"law {Vial.objects.count()}", received(content=50)

    def put_right(mg, which):
        rows = list(Row.objects.filter(Q(vial=vial) | Q(session=session)).order_by("-pk"))
        if rows:
            right(rows[which % len(rows)], mg)

    write = {
        "draw": lambda mg, _which: actions.draw(session=session, vial=vial, mg=mg, patient="x", **BOTH),
        "waste": lambda mg, _which: actions.waste(session=session, mg=mg, patient="x", **BOTH),
        "discard": lambda mg, _which: actions.discard(vial=vial, mg=mg, basis="opened", **BOTH),
        "right": put_right,
    }  # fmt: skip
    for name, mg, which in steps:
        try:
            write[name](D(mg), which)
        except actions.LedgerError:
            continue
        now = actions.balance(session)
        assert 0 <= actions.left(vial) <= 50
        assert 0 <= now.wasted_mg <= now.drawn_mg
    assert sum(actions.standing().values()) == 0
