"""The drug is true: what the pump delivered, what reached the patient, what is left in line and bag."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openketamine.core.infusion.amounts import amounts, drug_steps
from openketamine.core.infusion.events import Event, Kind, by_rates, fold
from openketamine.core.infusion.line import Fluid, Line, whereabouts

AT = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
D = Decimal
CONCENTRATION = D("0.35")


def minute(number):
    return AT + timedelta(minutes=number)


def course(*more, line=None):
    """35 mg in 100 mL: 150 mL/h for 16 min, a pause of 4, 100 mL/h for 18 min, stop."""
    primed = (
        []
        if line is None
        else [Event(Kind.LINE_PRIMED, minute(-5), volume_ml=line.volume_ml, fluid=line.primed_with.value)]
    )
    return fold([
        Event(Kind.CHECKED, minute(-20)), *primed, Event(Kind.READY, minute(-1)), Event(Kind.STARTED, minute(0), 150.0),
        Event(Kind.PAUSED, minute(16)), Event(Kind.RESUMED, minute(20), 100.0), Event(Kind.STOPPED, minute(38)), *more,
    ], 100.0)  # fmt: skip


def found(course, at=60):
    return amounts(course, minute(at), CONCENTRATION)


def test_without_a_recorded_line_the_pump_s_milligrams_are_known_and_the_patient_s_are_not():
    whole = found(course())

    assert (whole.pump_delivered_mg, whole.reached_mg, whole.in_bag_mg) == (D("24.50"), None, D("10.50"))


def test_a_saline_line_that_was_not_flushed_keeps_the_last_of_the_drug():
    whole = found(course(line=Line(15.0, Fluid.SALINE)))

    assert (whole.pump_delivered_mg, whole.reached_mg, whole.in_line_mg) == (D("24.50"), D("19.25"), D("5.25"))
    assert whole.in_bag_mg == D("10.50")


def test_flushing_the_line_brings_the_rest_to_the_patient():
    half = found(course(Event(Kind.FLUSHED, minute(40), volume_ml=10.0), line=Line(15.0, Fluid.SALINE)))
    all_of_it = found(course(Event(Kind.FLUSHED, minute(40), volume_ml=20.0), line=Line(15.0, Fluid.SALINE)))

    assert (half.reached_mg, half.in_line_mg) == (D("22.75"), D("1.75"))
    assert (all_of_it.reached_mg, all_of_it.in_line_mg) == (D("24.50"), D("0.00"))


def test_a_line_primed_with_the_drug_takes_its_volume_out_of_the_bag():
    whole = found(course(line=Line(15.0, Fluid.DRUG)))

    assert (whole.reached_mg, whole.in_line_mg, whole.in_bag_mg) == (D("24.50"), D("5.25"), D("5.25"))


def test_drug_reaches_the_vein_only_after_the_saline_has_passed():
    steps = drug_steps(course(line=Line(15.0, Fluid.SALINE)))

    assert (steps[0].at, steps[0].rate_ml_per_h) == (minute(6), 150.0)
    assert by_rates(steps, minute(60)) == pytest.approx(55.0)


def test_a_flush_is_one_push_of_what_was_left():
    steps = drug_steps(course(Event(Kind.FLUSHED, minute(40), volume_ml=20.0), line=Line(15.0, Fluid.SALINE)))

    assert by_rates(steps, minute(40)) == pytest.approx(55.0)
    assert by_rates(steps, minute(41)) == pytest.approx(70.0)


@given(
    bag=st.floats(50, 500), pumped=st.floats(0, 50), line=st.floats(0, 40), flushed=st.floats(0, 60),
    fluid=st.sampled_from(list(Fluid)),
)  # fmt: skip
def test_nothing_is_lost_between_bag_line_and_patient(bag, pumped, line, flushed, fluid):
    where = whereabouts(bag, pumped, Line(line, fluid), flushed)

    assert where.in_bag_ml + where.in_line_ml + where.reached_ml == pytest.approx(bag)
    assert where.in_line_ml >= 0
    assert 0 <= where.reached_ml <= pumped + line + 1e-9
    assert where.reached_ml <= whereabouts(bag, pumped, Line(line, fluid), flushed + 1).reached_ml + 1e-9
