"""Devices of many makers: their codes, their data types, their ways of saying "no value". All messages here are invented."""

from datetime import UTC, datetime, timedelta

import pytest

from openketamine.doors.hl7v2.message import parse, split_file, unescape
from openketamine.doors.hl7v2.oru import Clinic
from openketamine.doors.hl7v2.read import device_of, read
from openketamine.evidence.plausible import ranges

CLINIC = Clinic(frozenset({"P"}), ranges())
AT = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
PERCENT = "262688^MDC_DIM_PERCENT^MDC"
SPO2 = "150456^MDC_PULS_OXIM_SAT_O2^MDC"


def message(
    *rows, kind="ORU^R01^ORU_R01", sender="MON", head="20260302100000+0000", order="OBR|1|||||||", visit="PV1||I"
):
    top = f"MSH|^~\\&|{sender}||||{head}||{kind}|C1|P|2.6"
    return "\r".join([top, "PID|||1", visit, order, *rows]).encode()


def obx(code=SPO2, value="97", unit=PERCENT, kind="NM", sub="1.1.1.1", flags="", status="R", time=""):
    return f"OBX|1|{kind}|{code}|{sub}|{value}|{unit}||{flags}|||{status}|||{time}"


def seen(*rows, **changes):
    return read(message(*rows, **changes), CLINIC, AT).readings


def only(**changes):
    (one,) = seen(obx(**changes))
    return one


@pytest.mark.parametrize(
    ("code", "unit", "signal"),
    [
        ("0002-4A05^NBPs^MDIL", "0004-0F20^mmHg^MDIL", "nibp_systolic"),
        ("0002-4a07^^MDIL", "mmHg", "nibp_mean"),
        ("0002-4822^Pulse (SpO2)^MDIL", "bpm", "pulse_rate"),
        ("393217^NIBP_DIA^EHC", "mmHg", "nibp_diastolic"),
        ("327680^SPO2_SPO2^EHC", "%", "spo2"),
        ("^NIBP_SYS^L", "mmHg", "nibp_systolic"),
        ("NBP-S", "mmHg", "nibp_systolic"),
        ("ART-MEAN^^L", "mmHg", "abp_mean"),
        ("1^ART S^99X", "mmHg", "abp_systolic"),
        ("8867-4^Heart rate^http://loinc.org", "/min", "heart_rate"),
        ("76215-3^Invasive systolic^LN", "mm[Hg]", "abp_systolic"),
        ("8480-6^ABP Systolic^LN", "mm[Hg]", "abp_systolic"),
        ("8480-6^Non-invasive systolic^LN", "mm[Hg]", "nibp_systolic"),
        ("8480-6^Systolic blood pressure^LN", "mm[Hg]", "nibp_systolic"),
        ("151578^MDC_TTHOR_RESP_RATE^MDC", "{breath}/min", "respiratory_rate"),
        ("151570^^MDC", "/min", "respiratory_rate"),
        ("151708^MDC_CONC_AWAY_CO2_ET^MDC", "kPa^kPa^UCUM", "etco2"),
        ("188424^MDC_TEMP_ORAL^MDC", "Cel", "temperature"),
        ("150301^MDC_PRESS_CUFF_SYS^MDC", "266016", "nibp_systolic"),
        ("99^local name^L^150456^MDC_PULS_OXIM_SAT_O2^MDC", "%", "spo2"),
    ],
)
def test_each_maker_and_each_nomenclature_names_its_signal(code, unit, signal):
    one = only(
        code=code, unit=unit, value="38" if signal == "temperature" else "12" if unit.startswith("kPa") else "90"
    )

    assert (one.signal, one.charted) == (signal, True)


@pytest.mark.parametrize(
    "code",
    [
        "150388^MDC_TEMP_SKIN^MDC", "150022^MDC_PRESS_BLD_NONINV_DIA_SETTING^MDC", "150045^MDC_PRESS_BLD_ART_PULM_SYS^MDC",
        "150087^MDC_PRESS_BLD_VEN_CENT_MEAN^MDC", "352^MNDRY_ECG_VPB_RATE^99MNDRY", "0002^Unknown^MDIL", "150456^SpO2 alarm limit^L",
    ],
)  # fmt: skip
def test_a_neighbour_of_a_signal_is_not_that_signal(code):
    assert seen(obx(code=code)) == ()


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("ST", "97", 97), ("", "97.5", 97.5), ("TX", " 97 ", 97), ("SN", "^97", 97), ("SN", "=^97", 97), ("SN", "97", 97),
        ("NA", "97", 97), ("NM", "+97", 97), ("NM", "\\X39\\7", 97),
    ],
)  # fmt: skip
def test_a_number_is_read_from_any_data_type_that_holds_one(kind, value, expected):
    assert only(kind=kind, value=value).value == expected


@pytest.mark.parametrize(
    ("kind", "value", "reason"),
    [
        ("SN", ">^97", "range"), ("SN", "^90^-^97", "range"), ("SN", "^90^/^97", "range"), ("SN", "^", "no value"),
        ("NA", "97^96^95", "more than one value"), ("NM", "97~96", "more than one value"), ("CE", "97^97^L", "a code"),
        ("CWE", "97", "a code"), ("NM", "---", "not a number"), ("ST", "***", "not a number"), ("ST", ">100", "not a number"),
        ("NM", '""', "no value"), ("NM", "97,5", "not a number"), ("NM", "-1", "is no spo2"), ("NM", "-100", "is no spo2"),
        ("NM", "127", "is no spo2"), ("NM", "32767", "is no spo2"), ("NM", "0.00", "zero"), ("NM", "NaN", "not a number"),
    ],
)  # fmt: skip
def test_what_holds_no_single_number_is_not_charted_and_says_why(kind, value, reason):
    one = only(kind=kind, value=value)

    assert (one.value, one.charted) == (None, False)
    assert reason in one.reason


@pytest.mark.parametrize(
    "signal", [("147842^MDC_ECG_HEART_RATE^MDC", "/min"), ("150021^MDC_PRESS_BLD_NONINV_SYS^MDC", "mm[Hg]")]
)
@pytest.mark.parametrize("sentinel", ["-1", "-100", "-1000", "32767", "65535", "999", "8388607", "2147483647"])
def test_no_sentinel_is_a_vital_sign(signal, sentinel):
    assert not only(code=signal[0], unit=signal[1], value=sentinel).charted


@pytest.mark.parametrize(
    ("flags", "status", "value", "reason"),
    [
        ("INV", "R", None, "flag INV"), ("NAV", "F", None, "flag NAV"), ("OFF", "R", None, "flag OFF"), ("H~INV", "R", None, "flag INV"),
        ("QUES", "R", 97, "flag QUES"), ("CAL", "R", 97, "flag CAL"), ("^demo-data", "R", 97, "simulated"), ("", "W", None, "status W"),
        ("", "I", None, "status I"), ("", "x", None, "status X"),
    ],
)  # fmt: skip
def test_a_value_that_its_own_device_takes_back_is_never_charted(flags, status, value, reason):
    one = only(flags=flags, status=status)

    assert (one.value, one.charted) == (value, False)
    assert reason in one.reason


@pytest.mark.parametrize(("flags", "status"), [("", "F"), ("N", "R"), ("L~SP", "C"), ("HH", "P"), ("", "")])
def test_high_low_preliminary_and_corrected_values_are_charted(flags, status):
    assert only(flags=flags, status=status).charted


def test_a_metric_takes_the_time_of_the_channel_that_holds_it():
    channel = "OBX|1||70687^MDC_DEV_PRESS_BLD_NONINV_CHAN^MDC|1.1.1.0|||||||X|||20260302095500+0000"
    pressure = obx(code="150021^MDC_PRESS_BLD_NONINV_SYS^MDC", unit="mm[Hg]", value="120")
    other = obx(sub="1.2.1.1")

    found = seen(channel, pressure, other, order="OBR|1||||||20260302095950+0000")

    assert [AT - one.time for one in found] == [timedelta(minutes=5), timedelta(seconds=10)]


def test_a_device_in_demonstration_mode_flags_every_value_under_it():
    device = "OBX|1||69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS^MDC|1.0.0.0||||DEMO|||X"

    assert [one.reason for one in seen(device, obx())] == ["flag DEMO: simulated"]


def test_each_order_gives_its_own_time():
    first, second = "OBR|1||||||20260302095000+0000", "OBR|2||||||20260302095900+0000"

    found = seen(obx(), second, obx(), order=first)

    assert [AT - one.time for one in found] == [timedelta(minutes=10), timedelta(minutes=1)]


@pytest.mark.parametrize("zone", ["+2400", "+9900", "-9900", "+2360"])
def test_a_message_with_an_impossible_zone_keeps_its_values_which_are_of_when_it_came(zone):
    (one,) = read(message(obx(), head=f"20260302090000{zone}"), CLINIC, AT).readings

    assert (one.value, one.time, one.charted) == (97, AT, True)


def test_a_clinic_reads_a_time_without_zone_in_its_own():
    clinic = Clinic(frozenset({"P"}), ranges(), datetime.strptime("+0200", "%z").tzinfo)
    raw = message(obx(time="20260302115900"), head="20260302120000")

    assert read(raw, clinic, AT).readings[0].time == AT - timedelta(minutes=1)


def test_a_message_without_any_time_is_taken_at_arrival():
    raw = message(obx(), head="")

    assert read(raw, CLINIC, AT).readings[0].time == AT
    assert (read(raw, CLINIC).readings[0].time, read(raw, CLINIC).readings[0].charted) == (None, True)


def test_a_number_of_one_signal_beside_the_name_of_another_is_a_finding():
    found = read(message(obx(code="150022^MDC_PRESS_BLD_NONINV_SYS^MDC", unit="mm[Hg]", value="120")), CLINIC, AT)

    assert found.readings[0].signal == "nibp_systolic"
    assert found.findings == ("OBX 1: number 150022 is not MDC_PRESS_BLD_NONINV_SYS: the name is taken",)


def test_a_message_without_observations_is_taken_and_says_so():
    found = read(message(), CLINIC, AT)

    assert (found.verdict.code, found.readings) == ("AA", ())
    assert "no OBX" in found.findings[0]


@pytest.mark.parametrize(
    ("kind", "read_here"), [("ORU^R30", True), ("ORU_R01", False), ("ADT^A01", False), ("ORU", True)]
)
def test_observations_are_read_and_nothing_else(kind, read_here):
    assert bool(seen(obx(), kind=kind)) is read_here


@pytest.mark.parametrize(
    ("sender", "visit", "extra", "device"),
    [
        ("MON^00AA^EUI-64", "PV1||I|WARD^1^2", "", "MON/00AA/EUI-64"),
        ("MON", "PV1||I|WARD^1^2", "", "MON/WARD-1-2"),
        ("", "PV1||I|^^Room&7&3", "", "Room-7-3"),
        ("MON", "PV1||I|WARD^1^2", "ORC|NW|||||||||||||||||SERIAL9", "MON/SERIAL9"),
        ("GATE^00BB^EUI-64", "PV1", "OBX|9||69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS^MDC|1.0.0.0|||||||X|||||||SERIAL7^MAKER", "GATE/00BB/EUI-64/SERIAL7"),
        ("", "PV1", "", "192.168.7.7"),
    ],
)  # fmt: skip
def test_two_monitors_behind_one_sender_are_two_devices(sender, visit, extra, device):
    raw = message(obx(), extra, sender=sender, visit=visit)

    assert device_of(parse(raw), "192.168.7.7") == device


def test_pumps_that_leave_out_the_names_are_read_by_number():
    rows = (
        obx("158014^^MDC", "150", "265266^^MDC"), obx("157784^^MDC", "100", "265266^^MDC"), obx("157872^^MDC", "40", "263762^^MDC"),
        obx("157993^^MDC", "60", "mL"), obx("184514^^MDC", "Ketamine", "", kind="ST"),
    )  # fmt: skip
    pump = read(message(*rows), CLINIC, AT).pump

    assert (pump.rate_ml_per_h, pump.remaining_ml, pump.delivered_ml, pump.drug) == (150, 40, 60, "Ketamine")


@pytest.mark.parametrize(
    ("unit", "rate"),
    [
        ("mL/h", 500), ("ml/hr", 500), ("265266^MDC_DIM_MILLI_L_PER_HR^MDC^mL/h^mL/h^UCUM", 500), ("mL/min", 30_000), ("265234^^MDC", 30_000),
        ("\u00b5L/h", 0.5), ("\u03bcL/h", 0.5), ("uL/h", 0.5), ("265267^MDC_DIM_MICRO_L_PER_HR^MDC^uL/h^uL/h^UCUM", 0.5), ("uL/min", 30), ("L/h", 500_000),
    ],
)  # fmt: skip
def test_a_rate_is_read_in_the_unit_that_it_has(unit, rate):
    pump = read(message(obx("157784^MDC_FLOW_FLUID_PUMP^MDC", "500", unit)), CLINIC, AT).pump

    assert pump.rate_ml_per_h == pytest.approx(rate)


@pytest.mark.parametrize(
    "unit", ["nL/h", "dL/h", "?L/h", "%L/h", "[drp]/min", "mL/kg/h", "", "265266^MDC_DIM_MICRO_L_PER_HR^MDC"]
)
def test_a_rate_in_a_unit_that_is_not_known_or_says_two_things_is_none(unit):
    assert read(message(obx("157784^MDC_FLOW_FLUID_PUMP^MDC", "500", unit)), CLINIC, AT).pump.rate_ml_per_h is None


@pytest.mark.parametrize(
    ("unit", "volume"),
    [("mL", 40), ("\u00b5L", 0.04), ("263763^MDC_DIM_MICRO_L^MDC", 0.04), ("L", 40_000), ("cL", None)],
)
def test_a_volume_is_read_in_the_unit_that_it_has(unit, volume):
    delivered = read(message(obx("157993^MDC_VOL_FLUID_DELIV_TOTAL^MDC", "40", unit)), CLINIC, AT).pump.delivered_ml

    assert delivered == (None if volume is None else pytest.approx(volume))


@pytest.mark.parametrize(
    "why", [*({"status": status} for status in "DWNIXO"), *({"flags": flag} for flag in ("NAV", "INV", "OFF", "QUES", "CAL"))]
)  # fmt: skip
def test_what_was_deleted_or_is_another_person_s_or_is_not_available_is_not_what_the_pump_says(why):
    rows = (
        obx("157784^MDC_FLOW_FLUID_PUMP^MDC", "150", "mL/h", **why), obx("157993^MDC_VOL_FLUID_DELIV_TOTAL^MDC", "40", "mL", **why),
        obx("184519^MDC_PUMP_INFUSING_STATUS^MDC", "^pump-status-infusing", "", kind="CWE", **why),
    )  # fmt: skip
    pump = read(message(*rows), CLINIC, AT).pump

    assert (pump.rate_ml_per_h, pump.delivered_ml, pump.status) == (None, None, None)


@pytest.mark.parametrize("status", ["", "R", "F", "C", "P"])
def test_what_is_final_or_preliminary_or_corrected_is_what_the_pump_says(status):
    found = read(message(obx("157784^MDC_FLOW_FLUID_PUMP^MDC", "150", "mL/h", status=status)), CLINIC, AT)

    assert found.pump.rate_ml_per_h == 150


def test_a_pump_event_is_the_pumps_own_word():
    rows = (obx("0^MDC_EVT_PUMP_DELIV_START^MDC", "", "", kind="ST"), obx("0^MDC_FLOW_FLUID_PUMP^MDC", "150", "mL/h"))
    found = read(message(*rows, kind="ORU^R42^ORU_R42"), CLINIC, AT)

    assert (found.pump.status, found.pump.rate_ml_per_h, found.device_alarms) == ("MDC_EVT_PUMP_DELIV_START", 150, ())


def test_a_pump_event_may_be_the_value_of_what_happened():
    event = obx("68487^MDC_ATTR_EVT_COND^MDC", "0^MDC_EVT_PUMP_DELIV_STOP^MDC", "", kind="CWE")
    found = read(message(event, obx("0^MDC_FLOW_FLUID_PUMP^MDC", "150", "mL/h"), kind="ORU^R42^ORU_R42"), CLINIC, AT)

    assert found.pump.status == "MDC_EVT_PUMP_DELIV_STOP"


def alarm(*rows, kind="ORU^R40^ORU_R40"):
    return read(message(*rows, kind=kind), CLINIC, AT).device_alarms


def test_an_alarm_in_the_older_way_carries_priority_and_type_as_flags():
    rows = (
        "OBX|3|ST|196674^MDC_EVT_LO_VAL_LT_LIM^MDC|1.1.0.1.1|SPO2 LOW|||L~PM~SP|||R",
        "OBX|4|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC|1.1.0.1.2|86|%|>90||||R",
        "OBX|5|ST|68165^MDC_ATTR_EVENT_PHASE^MDC|1.1.0.1.3|start||||||R",
        "OBX|6|ST|68166^MDC_ATTR_ALERT_STATE^MDC|1.1.0.1.4|active||||||R",
    )

    assert alarm(*rows) == ({"phase": "start", "state": "active", "priority": "PM", "type": "SP", "text": "SPO2 LOW"},)


def test_two_alarms_of_one_message_keep_their_facets_apart():
    rows = (
        "OBX|1|CWE|196616^MDC_EVT_ALARM^MDC|1.7.0.1|196680^MDC_EVT_LEAD_OFF^MDC||||||R",
        "OBX|2|ST|68484^MDC_ATTR_ALARM_PRIORITY^MDC|1.7.0.6|PL||||||R",
        "OBX|3|CWE|196648^MDC_EVT_HI^MDC|1.8.0.1|147842^MDC_ECG_HEART_RATE^MDC||||||R",
        "OBX|4|ST|68484^^MDC|1.8.0.6|PH||||||R",
    )

    assert [(one["text"], one["priority"]) for one in alarm(*rows)] == [
        ("MDC_EVT_LEAD_OFF", "PL"),
        ("MDC_EVT_HI: MDC_ECG_HEART_RATE", "PH"),
    ]


def test_an_alarm_within_an_observation_message_is_shown_beside_its_readings():
    row = "OBX|1|CWE|196616^MDC_EVT_ALARM^MDC|1.7.0.1|196680^MDC_EVT_LEAD_OFF^MDC||||||R"
    found = read(message(row, obx()), CLINIC, AT)

    assert [one["text"] for one in found.device_alarms] == ["MDC_EVT_LEAD_OFF"]
    assert [one.value for one in found.readings] == [97]


def test_a_batch_file_is_its_messages():
    batch = b"FHS|^~\\&|X\rBHS|^~\\&|X\r" + message(obx()) + b"\r" + message(obx()) + b"\rBTS|2\rFTS|1\r"

    parts = split_file(batch)

    assert [len(read(part, CLINIC, AT).readings) for part in parts] == [1, 1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\\.br\\b", "a\nb"), ("\\H\\bold\\N\\", "bold"), ("\\X41\\", "A"), ("\\XC3A9\\", "\u00e9"), ("\\E\\", "\\"),
        ("\\T\\\\R\\", "&~"), ("\\Zlocal\\", "\\Zlocal\\"), ("5\\6", "5\\6"),
    ],
)  # fmt: skip
def test_escapes_are_undone(text, expected):
    assert unescape(text, "|^~\\&") == expected


def test_separators_may_be_any_and_may_be_fewer_than_four():
    odd = message(obx()).decode().replace("^~\\&", "@!$%").replace("|", "*").replace("^", "@").encode()
    short = message(obx()).replace(b"|^~\\&|", b"|^~|")

    assert [one.value for raw in (odd, short) for one in read(raw, CLINIC, AT).readings] == [97, 97]


@pytest.mark.parametrize("breaks", [b"\n", b"\r\n", b"\r\r", b"\r\n \r\n"])
def test_segments_may_end_in_any_way(breaks):
    assert len(read(message(obx()).replace(b"\r", breaks), CLINIC, AT).readings) == 1
