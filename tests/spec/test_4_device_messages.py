"""What a monitor says, and what of it is charted

A message is stored before it is answered; a value that cannot be trusted is kept with its reason and never charted.
"""

import pytest

HEAD = "MSH|^~\\&|MON|MAKER|||20260302100000+0000||ORU^R01|C1|{processing}|2.6\rPID|\rOBR|1\r"
SPO2 = "OBX|1|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC||{value}|%|||||{status}"


def reading(command, value="97", status="F", processing="P"):
    (line,) = command("read-hl7", HEAD.format(processing=processing) + SPO2.format(value=value, status=status))
    return line["readings"][0]


@pytest.mark.parametrize(
    ("value", "status", "processing", "charted"),
    [
        ("97", "F", "P", True),
        ("97", "R", "P", True),
        ("", "F", "P", False),
        ("97", "X", "P", False),
        ("97", "F", "D", False),
        ("97", "F", "T", False),
    ],
)
def test_a_real_clinic_charts_a_value_that_is_there_and_meant_for_patients(command, value, status, processing, charted):
    """Status X means the device could not measure; processing T and D are tests and debugging."""
    seen = reading(command, value, status, processing)

    assert seen["charted"] is charted
    assert bool(seen["reason"]) is not charted


def test_one_bad_message_never_stops_the_next(command):
    good = HEAD.format(processing="P") + SPO2.format(value="97", status="F")
    answers = [line["ack"] for line in command("read-hl7", f"nonsense\r{good}")]

    assert answers == ["AE", "AA"]
