"""A monitor whose clock is wrong is believed as soon, and doubted as soon, as one whose clock is right."""

from datetime import timedelta

import pytest
from tests.builders import AT, make_clinic, make_watch

from openketamine.clinic.monitoring import actions, alarms, queries
from openketamine.clinic.monitoring.models import Chair, Device, DeviceNotice, Reading
from openketamine.doors.hl7v2.drain import Drain
from openketamine.doors.hl7v2.inbox import Arrived
from openketamine.site import worker

pytestmark = pytest.mark.django_db
FALLS_S, SILENT_S, END_S = 20, 35, 50
CODES = {
    "spo2": ("150456^MDC_PULS_OXIM_SAT_O2^MDC", "%"),
    "nibp_systolic": ("150021^MDC_PRESS_BLD_NONINV_SYS^MDC", "mm[Hg]"),
}


def later(seconds):
    return AT + timedelta(seconds=seconds)


def said(second, value, *, apart=0, signal="spo2", behind=0, control="C"):
    """What a monitor says at a second; its clock is ahead of ours by `apart`, and the value was observed `behind` seconds before."""
    sent, seen = (f"{later(at + apart):%Y%m%d%H%M%S}+0000" for at in (second, second - behind))
    code, unit = CODES[signal]
    return (
        f"MSH|^~\\&|MON||||{sent}||ORU^R01|{control}{second}|P|2.6\rPID|||X||\rOBR|1\r"
        f"OBX|1|NM|{code}|1|{value}|{unit}|||||F|||{seen}\r"
    ).encode()


class Bedside:
    """A chair with a monitor, and the worker's rounds, one a second."""

    def __init__(self, settings, monkeypatch, folder):
        settings.INBOX_PATH = folder / "inbox.sqlite3"
        make_clinic(device_stream=True, session_alarms=True)
        chair = Chair.objects.create(name="Chair 1")
        device = Device.objects.create(identity="MON", first_seen_at=AT)
        actions.accept_device(device=device, chair=chair, by="nils", at=later(-60))
        self.watch = make_watch(chair, at=later(-30), required=["spo2"])
        self.worker, self.now = worker.Worker(), AT
        for name in ("clinic_time", "wall"):
            monkeypatch.setattr(worker.clock, name, lambda: self.now)

    def goes_on(self, second, *messages):
        self.now = later(second)
        raws = [Arrived(self.now, "127.0.0.1", "C", "MON", "accept", "AA", "", raw) for raw in messages]
        self.worker.inbox.store(raws)
        self.worker.round()

    def raised(self):
        self.watch.refresh_from_db()
        return {one.event.rule for one in alarms.standing(self.watch, at=self.now)}

    def tile(self):
        return queries.tile(self.watch, "spo2", at=self.now, stale_after=timedelta(seconds=10))


@pytest.fixture
def bedside(settings, monkeypatch, tmp_path):
    bedside = Bedside(settings, monkeypatch, tmp_path)
    yield bedside
    bedside.worker.inbox.close()


def first(found, happened):
    """Return the first second at which something was so, from the second in which it began."""
    return next(second for second, so in found if so and second >= happened)


@pytest.mark.parametrize("apart", [-110, -60, -5, 0, 5, 30, 60, 110])
def test_a_fall_and_a_lost_stream_are_told_as_soon_as_with_a_right_clock(bedside, apart):
    """84 % for ten seconds is urgent, ten seconds of silence are a lost stream; one second more for the whole seconds of clocks."""
    fell, lost, shown, ages = [], [], [], []
    for second in range(END_S):
        values = [said(second, 98 if second < FALLS_S else 84, apart=apart)] if second < SILENT_S else []
        bedside.goes_on(second, *values)
        raised, tile = bedside.raised(), bedside.tile()
        fell.append((second, "spo2_very_low" in raised))
        lost.append((second, "spo2_missing" in raised))
        shown.append((second, tile.value == 84))
        ages.append((second, None if tile.age is None else tile.age.total_seconds(), tile.struck))

    assert first(fell, FALLS_S) - FALLS_S in {10, 11}
    assert first(lost, SILENT_S) - SILENT_S in {9, 10, 11}
    assert first(shown, FALLS_S) == FALLS_S
    assert all(0 <= age <= 1 and not struck for second, age, struck in ages if 10 <= second < SILENT_S)
    assert first([(second, struck) for second, _age, struck in ages], SILENT_S) - SILENT_S in {9, 10, 11}
    assert [row.code for row in DeviceNotice.objects.all()] == (["clock"] if apart else [])


def test_what_was_observed_long_before_it_was_sent_keeps_its_age_by_the_clock_of_its_device(bedside):
    for second in range(20):
        bedside.goes_on(second, said(second, 98, apart=110))
    bedside.goes_on(20, said(20, 77, apart=110, behind=60))

    assert Reading.objects.get(value=77).observed_at == later(-40)


def test_a_message_sent_again_under_another_number_is_charted_once_whatever_its_clock(bedside):
    for second in range(20):
        bedside.goes_on(second, said(second, 60 + second, apart=-60))
    bedside.goes_on(25, said(19, 79, apart=-60, control="again"))

    assert Reading.objects.filter(value=79).count() == 1


def test_no_value_of_another_second_is_taken_for_one_sent_again_when_a_clock_turns_out_to_be_faster(bedside):
    """From the 20th second on messages come 0.2 s sooner: the clock is found a second faster, and two of its seconds are one of ours."""
    for second in range(40):
        bedside.goes_on(second if second < 20 else second - 0.2, said(second, 98, apart=110))

    assert Reading.objects.filter(value=98).count() == 40


@pytest.mark.parametrize("begins_anew", [False, True])
def test_a_message_sent_again_is_charted_once_also_when_its_clock_has_turned_out_to_be_faster(bedside, begins_anew):
    for second in range(40):
        bedside.goes_on(second if second < 20 else second - 0.2, said(second, 50 + second, apart=110))
    if begins_anew:
        bedside.worker._drain = Drain(bedside.worker.inbox)
    bedside.goes_on(40, said(19, 69, apart=110, control="again"))

    assert Reading.objects.filter(value=69).count() == 1


@pytest.mark.parametrize("apart", [0, 5, 110])
def test_a_cuff_that_is_sent_with_its_time_every_second_is_one_measurement_from_the_first_message_on(bedside, apart):
    for second in range(20):
        way = 0.3 * (second % 3)  # our clock reads the arrival finer than the device says when it sent
        cuff = said(second, 150, apart=apart, signal="nibp_systolic", behind=second + 5)
        bedside.goes_on(second + way, cuff)

    assert Reading.objects.filter(signal="nibp_systolic").count() == 1


@pytest.mark.parametrize("apart", [30, 110])
def test_a_fast_clock_that_is_set_says_the_same_times_again_and_nothing_of_it_is_taken_for_sent_again(bedside, apart):
    for second in range(40):
        bedside.goes_on(second, said(second, 98, apart=apart))
    for second in range(40, 80):
        bedside.goes_on(second, said(second, 98, control="set"))

    charted = Reading.objects.filter(signal="spo2", observed_at__gte=later(50))
    assert charted.count() == 30


def test_a_worker_that_has_just_begun_knows_the_clocks_of_devices(bedside):
    for second in range(10):
        bedside.goes_on(second, said(second, 98, apart=-60))
    bedside.worker._drain = Drain(bedside.worker.inbox)
    bedside.goes_on(10, said(10, 97, apart=-60))

    assert Reading.objects.get(value=97).observed_at == later(10)


@pytest.mark.parametrize("apart", [100, -100])
def test_a_pressure_that_is_typed_after_a_cuff_with_a_wrong_clock_is_an_alarm(bedside, apart):
    for second in range(10):
        bedside.goes_on(second, said(second, 98, apart=apart))
    bedside.goes_on(10, said(10, 150, apart=apart, signal="nibp_systolic"))
    actions.chart_typed(
        watch=bedside.watch, values={"nibp_systolic": 215.0, "nibp_diastolic": 125.0}, reasons={}, by="nils", observed_at=later(30), at=later(30)
    )  # fmt: skip
    alarms.evaluate(bedside.watch.pk, at=later(30))
    bedside.now = later(30)

    assert "bp_systolic_extreme" in bedside.raised()
