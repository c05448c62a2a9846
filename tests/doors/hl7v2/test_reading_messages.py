"""What a real clinic charts of device messages, and why not. All messages here are invented."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openketamine.doors.hl7v2 import ack
from openketamine.doors.hl7v2.message import MalformedError, parse, split_file, unescape
from openketamine.doors.hl7v2.oru import Clinic
from openketamine.doors.hl7v2.read import read
from openketamine.doors.hl7v2.times import read as read_time
from openketamine.evidence.plausible import ranges

CLINIC = Clinic(frozenset({"P"}), ranges())
AT = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
SPO2 = "OBX|1|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC|1.1|97|262688^MDC_DIM_PERCENT^MDC|||||R"


def msg(*obx, head="20260302100000+0000", mode="P", kind="ORU^R01^ORU_R01", order="OBR|1|||||||", charset="", acks="|"):
    return "\r".join(
        [
            f"MSH|^~\\&|MON^0011223344556677^EUI-64|MAKER|||{head}||{kind}|C1|{mode}|2.6|||{acks}||{charset}",
            "PID|||X",
            order,
            *obx,
        ]
    ).encode()


def one(obx, **changes):
    seen = read(msg(obx, **changes), CLINIC, AT).readings
    return seen[0]


def obx(code="150456^MDC_PULS_OXIM_SAT_O2^MDC", value="97", unit="%", flags="", status="F", time=""):
    return f"OBX|1|NM|{code}|1.1|{value}|{unit}||{flags}|||{status}|||{time}"


@pytest.mark.parametrize(
    ("code", "unit", "signal"),
    [
        ("150456^MDC_PULS_OXIM_SAT_O2^MDC", "262688^MDC_DIM_PERCENT^MDC", "spo2"),
        ("0^MDC_PULS_OXIM_SAT_O2^MDC", "%", "spo2"),
        ("150456^^MDC", "%", "spo2"),
        ("59408-5^Oxygen saturation^LN", "%", "spo2"),
        ("77^Device code^99X^59408-5^SpO2^LN", "%", "spo2"),
        ("0002-4bb8^SpO2^MDIL", "0004-0220^%^MDIL", "spo2"),
        ("147842^MDC_ECG_HEART_RATE^MDC", "264864^MDC_DIM_BEAT_PER_MIN^MDC", "heart_rate"),
        ("1^NBPs^X", "mmHg", "nibp_systolic"),
        ("1^ABPs^X", "mmHg", "abp_systolic"),
        ("150033^MDC_PRESS_BLD_ART_SYS^MDC", "266016^MDC_DIM_MMHG^MDC", "abp_systolic"),
        ("150017^MDC_PRESS_BLD_NONINV_SYS^MDC", "mm[Hg]^mm[Hg]^UCUM", "nibp_systolic"),
    ],
)
def test_a_code_is_known_by_name_number_or_label(code, unit, signal):
    seen = one(obx(code, "97", unit))

    assert (seen.signal, seen.value, seen.charted) == (signal, 97, True)


def test_an_unknown_code_is_no_reading():
    assert read(msg(obx("150488^MDC_BLD_PERF_INDEX^MDC")), CLINIC, AT).readings == ()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"value": ""}, "no value"),
        ({"value": "0"}, "zero: no signal"),
        ({"value": "8388607"}, "is no spo2"),
        ({"value": "-1"}, "is no spo2"),
        ({"value": "97 %"}, "is not a number"),
        ({"value": "1e2"}, "is not a number"),
        ({"value": "\u0669\u0667"}, "is not a number"),
        ({"unit": "mmHg"}, "does not fit spo2"),
        ({"unit": ""}, "does not fit spo2"),
        ({"status": "X"}, "status X"),
        ({"status": "D"}, "status D"),
        ({"flags": "DEMO"}, "flag DEMO"),
        ({"flags": "L~TEST"}, "flag TEST"),
    ],
)
def test_what_is_not_charted_says_why(changes, reason):
    seen = one(obx(**changes))

    assert not seen.charted
    assert reason in seen.reason


@pytest.mark.parametrize("mode", ["T", "D", ""])
def test_a_real_clinic_charts_production_messages_only(mode):
    assert not one(obx(), mode=mode).charted


def test_a_demo_clinic_charts_training_messages_too():
    demo = Clinic(frozenset({"P", "T"}), ranges())

    assert [read(msg(obx(), mode=mode), demo, AT).readings[0].charted for mode in "PTD"] == [True, True, False]


def test_fahrenheit_and_kilopascal_are_converted():
    assert one(obx("8310-5^Temperature^LN", "98.6", "degF")).value == 37
    assert one(obx("1^NBPs^X", "16", "kPa")).value == 120


def test_a_low_but_possible_value_is_charted():
    assert one(obx(value="70.5")).charted


@pytest.mark.parametrize(
    ("time", "head", "expected", "source", "charted"),
    [
        ("20260302095930+0000", "20260302100000+0000", AT - timedelta(seconds=30), "observation", True),
        ("20260302185930", "20260302190000+0900", AT - timedelta(seconds=30), "observation", True),
        ("", "20260302100000+0000", AT, "arrival", True),
        ("", "", AT, "arrival", True),
        ("20260302100300+0000", "20260302100300+0000", AT, "arrival", True),
        ("20130101000000", "20130101000000", AT, "arrival", True),
        ("20260222100000+0000", "20260302100000+0000", AT - timedelta(days=8), "observation", False),
        ("20260302", "20260302100000+0000", AT, "arrival", True),
    ],
)
def test_the_time_of_a_reading(time, head, expected, source, charted):
    seen = one(obx(time=time), head=head)

    assert (seen.time, seen.time_source, seen.charted) == (expected, source, charted)


def test_the_time_of_the_order_stands_for_its_observations():
    assert one(obx(), order="OBR|1||||||20260302095900+0000").time == AT - timedelta(minutes=1)


def test_a_name_in_the_message_never_reaches_a_reading():
    found = read(msg(SPO2).replace(b"PID|||X", b"PID|||X||Person^Some"), CLINIC, AT)

    assert "Person" not in repr(found.readings)


def test_a_pump_says_status_rate_and_volumes():
    rows = (
        "OBX|1||70053^MDC_DEV_PUMP_INFUS_SYRINGE_MDS^MDC|1.0.0.0|||||||X|||||||PUMP7^^0001^EUI-64",
        "OBX|2|CWE|184519^MDC_PUMP_INFUSING_STATUS^MDC|1.1.1.1|^pump-status-infusing||||||R",
        "OBX|3|NM|158014^MDC_FLOW_FLUID_PUMP_CURRENT^MDC|1.1.1.2|52.5|265266^MDC_DIM_MILLI_L_PER_HR^MDC^mL/h^mL/h^UCUM|||||R",
        "OBX|4|NM|157884^MDC_VOL_FLUID_TBI^MDC|1.1.1.3|0.1|l|||||R",
        "OBX|5|NM|157872^MDC_VOL_FLUID_TBI_REMAIN^MDC|1.1.1.4|9|furlong|||||R",
    )
    found = read(msg(*rows), CLINIC, AT)

    assert (found.pump.status, found.pump.rate_ml_per_h, found.pump.vtbi_ml, found.pump.remaining_ml) == (
        "pump-status-infusing",
        52.5,
        100,
        None,
    )
    assert found.device == "PUMP7^^0001^EUI-64"


def test_a_device_alarm_is_read_and_shown_as_such():
    rows = (
        "OBX|1|ST|196616^MDC_EVT_ALARM^MDC|1|56^MDC_EVT_FLUID_LINE_OCCL^MDC^^^^^^Line blocked||||||R",
        "OBX|2|ST|68482^MDC_ATTR_EVENT_PHASE^MDC|1|start||||||R",
        "OBX|3|ST|68483^MDC_ATTR_ALARM_STATE^MDC|1|active||||||R",
    )
    found = read(msg(*rows, kind="ORU^R40^ORU_R40"), CLINIC, AT)

    assert found.readings == ()
    assert found.device_alarms == (
        {"phase": "start", "state": "active", "priority": None, "type": None, "text": "Line blocked"},
    )


@pytest.mark.parametrize(
    ("acks", "kind", "code"),
    [
        ("|", "ORU^R01", "AA"), ("AL|NE", "ORU^R01", "CA"), ("NE|AL", "ORU^R01", "AA"), ("NE|NE", "ORU^R01", None),
        ("ER|NE", "ORU^R01", None), ("ER|NE", "RGV^O15", "CR"), ("|", "RGV^O15", "AR"), ("SU|NE", "ORU^R01", "CA"),
    ],
)  # fmt: skip
def test_an_answer_is_given_as_the_message_asks(acks, kind, code):
    head, tail = acks.split("|")
    raw = msg(SPO2, kind=kind).replace(b"|2.6|||||", f"|2.6|||{head}|{tail}|".encode())

    assert read(raw, CLINIC, AT).verdict.code == code


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (msg(order="ZZZ|"), "no OBR and no OBX"),
        (msg(SPO2).replace(b"|C1|", b"||"), "MSH-10"),
        (msg(SPO2).replace(b"|2.6|", b"|3.0|"), "version 3.0"),
    ],
)
def test_a_message_that_cannot_be_read_says_why(raw, reason):
    found = read(raw, CLINIC, AT)

    assert found.readings == ()
    assert reason in found.verdict.reason


def test_an_acknowledgement_names_the_message_it_answers():
    found = read(msg(SPO2), CLINIC, AT)
    text = ack.text(found.message, found.verdict, "20260302100000", "77").decode()

    assert text.split("\r")[1] == "MSA|AA|C1"
    assert text.startswith("MSH|^~\\&|OPENKETAMINE||MON^0011223344556677^EUI-64|MAKER|20260302100000||ACK^R01|77|P|2.6")


def test_a_refusal_carries_its_reason_and_breaks_no_field():
    text = ack.text(None, ack.malformed("what | is ^ this"), "20260302100000", "1").decode()

    assert "MSA|AE||what   is   this" in text


def test_other_separators_and_escapes_are_read():
    raw = msg(SPO2).replace(b"|", b"#").replace(b"^", b"@").replace(b"MSH#@~\\&", b"MSH#@~\\&")

    assert read(raw, CLINIC, AT).readings[0].value == 97
    assert unescape("a\\S\\b\\F\\c\\X0D\\", "|^~\\&") == "a^b|c\r"


@pytest.mark.parametrize("charset", ["UNICODE", "8859/1", "UNICODE UTF-8", "NONSENSE"])
def test_any_character_set_leaves_the_numbers_readable(charset):
    raw = msg(SPO2, charset=charset).replace(b"PID|||X", "PID|||X||J\u00f6rg".encode("latin-1"))

    assert read(raw, CLINIC, AT).readings[0].value == 97


@pytest.mark.parametrize("raw", [b"", b"hello", b"MSH", b"MSH|||||||", b"MSHABCDE|", b"\x00\xff"])
def test_what_is_no_message_gives_a_finding_and_no_reading(raw):
    with pytest.raises(MalformedError):
        parse(raw)
    found = read(raw, CLINIC, AT)

    assert (found.verdict.code, found.readings) == ("AE", ())
    assert found.findings


def test_a_file_divides_into_its_messages_however_they_are_framed():
    framed = b"\x0b" + msg(SPO2) + b"\x1c\r" + b"\x0b" + msg(SPO2) + b"\x1c\r"

    assert len(split_file(framed)) == 2
    assert len(split_file(msg(SPO2).replace(b"\r", b"\n") + b"\n\n" + msg(SPO2).replace(b"\r", b"\r\n"))) == 2
    assert split_file(b"rubbish\r" + msg(SPO2))[0] == b"rubbish\r"
    assert split_file(b"\r\n ") == []


@given(st.binary(max_size=300))
def test_rubbish_never_raises(rubbish):
    read(rubbish, CLINIC, AT)
    read(b"MSH|^~\\&|" + rubbish, CLINIC, AT)
    read(msg(SPO2) + b"\rOBX|2|NM|" + rubbish, CLINIC, AT)
    split_file(rubbish)


@given(st.text(max_size=30))
def test_any_text_as_a_time_is_a_time_or_none(text):
    assert read_time(text) is None or read_time(text).tzinfo is UTC
