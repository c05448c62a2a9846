"""What a virtual monitor says, as HL7 v2.6 bytes. Written here on its own, so that the parser is not its own witness."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

CODES = {
    "heart_rate": ("147842", "MDC_ECG_HEART_RATE", "264864^MDC_DIM_BEAT_PER_MIN^MDC"),
    "spo2": ("150456", "MDC_PULS_OXIM_SAT_O2", "262688^MDC_DIM_PERCENT^MDC"),
    "respiratory_rate": ("151562", "MDC_RESP_RATE", "264928^MDC_DIM_RESP_PER_MIN^MDC"),
    "nibp_systolic": ("150301", "MDC_PRESS_CUFF_SYS", "266016^MDC_DIM_MMHG^MDC"),
    "nibp_diastolic": ("150302", "MDC_PRESS_CUFF_DIA", "266016^MDC_DIM_MMHG^MDC"),
}


@dataclass(frozen=True, slots=True)
class Sample:
    """One value of one signal at a time; None is what a monitor sends when its probe is off."""

    signal: str
    value: float | None
    at: datetime


def oru(device: str, control_id: str, sent: datetime, samples: Iterable[Sample]) -> bytes:
    """Return an ORU^R01 message with processing id T: a demo clinic charts it, a real one never."""
    head = f"MSH|^~\\&|{device}|VIRTUAL|||{stamp(sent)}||ORU^R01^ORU_R01|{control_id}|T|2.6"
    rows = [head, "PID|||^^^^", f"OBR|1||||||{stamp(sent)}"]
    rows += [_obx(number, sample) for number, sample in enumerate(samples, start=1)]
    return ("\r".join(rows) + "\r").encode()


def stamp(at: datetime) -> str:
    """Return an instant as an HL7 time with milliseconds and zone."""
    return f"{at:%Y%m%d%H%M%S}.{at.microsecond // 1000:03d}{at:%z}"


def _obx(number: int, sample: Sample) -> str:
    code, name, unit = CODES[sample.signal]
    value, status = ("", "X") if sample.value is None else (f"{sample.value:g}", "R")
    return f"OBX|{number}|NM|{code}^{name}^MDC|1.0.0.{number}|{value}|{unit}|||||{status}|||{stamp(sample.at)}"
