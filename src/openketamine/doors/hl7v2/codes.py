"""Which code means which signal: IEEE 11073-10101 (MDC) names and numbers, LOINC, plain labels; units to UCUM.

The name (reference id) wins over the number, because senders write 0 or a wrong number beside a right name. Where a maker
departs from the standard, `makers` knows it.
"""

import re
from functools import lru_cache

from openketamine.core.monitoring.signal import Signal
from openketamine.doors.hl7v2 import makers

# ISO/IEEE 11073-10101: reference id -> (context-free code, signal). 0 where only the name is used here.
MDC = {
    "MDC_ECG_HEART_RATE": (147842, Signal.HEART_RATE), "MDC_ECG_CARD_BEAT_RATE": (147842, Signal.HEART_RATE),
    "MDC_PULS_OXIM_PULS_RATE": (149530, Signal.PULSE_RATE), "MDC_PULS_RATE": (149514, Signal.PULSE_RATE),
    "MDC_PULS_RATE_NON_INV": (149546, Signal.PULSE_RATE), "MDC_BLD_PULS_RATE_INV": (149522, Signal.PULSE_RATE),
    "MDC_PULS_OXIM_SAT_O2": (150456, Signal.SPO2), "MDC_PULS_OXIM_SAT_O2_ART_LEFT": (150460, Signal.SPO2),
    "MDC_PULS_OXIM_SAT_O2_ART_RIGHT": (150464, Signal.SPO2),
    "MDC_RESP_RATE": (151562, Signal.RESPIRATORY_RATE), "MDC_AWAY_RESP_RATE": (151570, Signal.RESPIRATORY_RATE),
    "MDC_TTHOR_RESP_RATE": (151578, Signal.RESPIRATORY_RATE), "MDC_CO2_RESP_RATE": (151594, Signal.RESPIRATORY_RATE),
    "MDC_PULS_OXIM_PLETH_RESP_RATE": (151658, Signal.RESPIRATORY_RATE), "MDC_ACOUSTIC_RESP_RATE": (0, Signal.RESPIRATORY_RATE),
    "MDC_AWAY_CO2_ET": (151728, Signal.ETCO2), "MDC_CONC_AWAY_CO2_ET": (151708, Signal.ETCO2),
    "MDC_TEMP": (150344, Signal.TEMPERATURE), "MDC_TEMP_BODY": (150364, Signal.TEMPERATURE),
    "MDC_TEMP_CORE": (150368, Signal.TEMPERATURE), "MDC_TEMP_ESOPH": (150372, Signal.TEMPERATURE),
    "MDC_TEMP_NASOPH": (150380, Signal.TEMPERATURE), "MDC_TEMP_TYMP": (150392, Signal.TEMPERATURE),
    "MDC_TEMP_RECT": (188420, Signal.TEMPERATURE), "MDC_TEMP_ORAL": (188424, Signal.TEMPERATURE),
    "MDC_TEMP_EAR": (188428, Signal.TEMPERATURE), "MDC_TEMP_AXILLA": (188452, Signal.TEMPERATURE),
    "MDC_PRESS_BLD_NONINV_SYS": (150021, Signal.NIBP_SYSTOLIC), "MDC_PRESS_BLD_NONINV_DIA": (150022, Signal.NIBP_DIASTOLIC),
    "MDC_PRESS_BLD_NONINV_MEAN": (150023, Signal.NIBP_MEAN), "MDC_PRESS_CUFF_SYS": (150301, Signal.NIBP_SYSTOLIC),
    "MDC_PRESS_CUFF_DIA": (150302, Signal.NIBP_DIASTOLIC), "MDC_PRESS_CUFF_MEAN": (150303, Signal.NIBP_MEAN),
    "MDC_PRESS_BLD_ART_SYS": (150033, Signal.ABP_SYSTOLIC), "MDC_PRESS_BLD_ART_DIA": (150034, Signal.ABP_DIASTOLIC),
    "MDC_PRESS_BLD_ART_MEAN": (150035, Signal.ABP_MEAN), "MDC_PRESS_BLD_ART_ABP_SYS": (150037, Signal.ABP_SYSTOLIC),
    "MDC_PRESS_BLD_ART_ABP_DIA": (150038, Signal.ABP_DIASTOLIC), "MDC_PRESS_BLD_ART_ABP_MEAN": (150039, Signal.ABP_MEAN),
}  # fmt: skip
MDC_NUMBERS = {number: signal for number, signal in MDC.values() if number}
LOINC = {
    "8867-4": Signal.HEART_RATE, "76282-3": Signal.HEART_RATE, "8889-8": Signal.PULSE_RATE, "59408-5": Signal.SPO2,
    "2708-6": Signal.SPO2, "9279-1": Signal.RESPIRATORY_RATE, "19889-5": Signal.ETCO2, "19891-1": Signal.ETCO2,
    "8310-5": Signal.TEMPERATURE, "8331-1": Signal.TEMPERATURE, "8332-9": Signal.TEMPERATURE, "8333-7": Signal.TEMPERATURE,
    "8328-7": Signal.TEMPERATURE, "8480-6": Signal.NIBP_SYSTOLIC, "8462-4": Signal.NIBP_DIASTOLIC, "8478-0": Signal.NIBP_MEAN,
    "76534-7": Signal.NIBP_SYSTOLIC, "76535-4": Signal.NIBP_DIASTOLIC, "76536-2": Signal.NIBP_MEAN,
    "76215-3": Signal.ABP_SYSTOLIC, "76213-8": Signal.ABP_DIASTOLIC, "76214-6": Signal.ABP_MEAN,
}  # fmt: skip
# LOINC's plain "systolic blood pressure" names no method; the words beside it may.
OF_ARTERIAL_LINE = {
    Signal.NIBP_SYSTOLIC: Signal.ABP_SYSTOLIC, Signal.NIBP_DIASTOLIC: Signal.ABP_DIASTOLIC, Signal.NIBP_MEAN: Signal.ABP_MEAN,
}  # fmt: skip
LOINC_SYSTEMS = frozenset({"LN", "LOINC", "HTTP://LOINC.ORG", "2.16.840.1.113883.6.1", ""})
MDC_SYSTEMS = frozenset({"MDC", "MDIL", "2.16.840.1.113883.6.24", ""})
LABELS = {
    "hr": Signal.HEART_RATE, "heartrate": Signal.HEART_RATE, "ecghr": Signal.HEART_RATE, "hrecg": Signal.HEART_RATE,
    "pulse": Signal.PULSE_RATE, "pulserate": Signal.PULSE_RATE, "pr": Signal.PULSE_RATE, "spo2pr": Signal.PULSE_RATE,
    "spo2pulse": Signal.PULSE_RATE, "spo2pulserate": Signal.PULSE_RATE, "pulsespo2": Signal.PULSE_RATE, "nibppr": Signal.PULSE_RATE,
    "pulsenbp": Signal.PULSE_RATE, "spo2": Signal.SPO2, "spo2spo2": Signal.SPO2, "o2sat": Signal.SPO2, "oxygensaturation": Signal.SPO2,
    "resp": Signal.RESPIRATORY_RATE, "resprate": Signal.RESPIRATORY_RATE, "rr": Signal.RESPIRATORY_RATE, "awrr": Signal.RESPIRATORY_RATE,
    "respirationrate": Signal.RESPIRATORY_RATE, "resprr": Signal.RESPIRATORY_RATE, "respiratoryrate": Signal.RESPIRATORY_RATE,
    "etco2": Signal.ETCO2, "co2et": Signal.ETCO2, "endtidalco2": Signal.ETCO2,
    "temp": Signal.TEMPERATURE, "temperature": Signal.TEMPERATURE, "bodytemperature": Signal.TEMPERATURE, "tempt1": Signal.TEMPERATURE,
    "temp1": Signal.TEMPERATURE, "t1": Signal.TEMPERATURE, "tcore": Signal.TEMPERATURE,
}  # fmt: skip
PRESSURES = {
    **dict.fromkeys(("nbp", "nibp"), (Signal.NIBP_SYSTOLIC, Signal.NIBP_DIASTOLIC, Signal.NIBP_MEAN)),
    **dict.fromkeys(("abp", "art", "ibpart"), (Signal.ABP_SYSTOLIC, Signal.ABP_DIASTOLIC, Signal.ABP_MEAN)),
}  # fmt: skip
SIDES = (("s", "sys", "systolic"), ("d", "dia", "dias", "diastolic"), ("m", "mean", "map"))
LABELS |= {
    stem + word: signals[side]
    for stem, signals in PRESSURES.items()
    for side, words in enumerate(SIDES)
    for word in words
}
UNITS = {
    "%": "%", "percent": "%", "mdcdimpercent": "%", "mm[hg]": "mm[Hg]", "mmhg": "mm[Hg]", "torr": "mm[Hg]", "mdcdimmmhg": "mm[Hg]",
    "kpa": "kPa", "mdcdimkilopascal": "kPa", "/min": "/min", "{beat}/min": "/min", "{beats}/min": "/min", "{breath}/min": "/min",
    "{breaths}/min": "/min", "{resp}/min": "/min", "{puls}/min": "/min", "{pulse}/min": "/min", "1/min": "/min", "min-1": "/min",
    "bpm": "/min", "rpm": "/min", "brpm": "/min", "beats/min": "/min", "beats/minute": "/min", "breaths/min": "/min",
    "breaths/minute": "/min", "perminute": "/min", "mdcdimbeatpermin": "/min", "mdcdimrespermin": "/min",
    "mdcdimresppermin": "/min", "mdcdimpermin": "/min",
    "cel": "Cel", "c": "Cel", "degc": "Cel", "°c": "Cel", "ºc": "Cel", "℃": "Cel", "celsius": "Cel", "mdcdimdegc": "Cel",
    "[degf]": "[degF]", "f": "[degF]", "degf": "[degF]", "°f": "[degF]", "ºf": "[degF]", "℉": "[degF]", "fahrenheit": "[degF]",
    "mdcdimfahr": "[degF]", "mdcdimdegf": "[degF]",
}  # fmt: skip
UNIT_NUMBERS = {
    262688: "%", 266016: "mm[Hg]", 265987: "kPa", 264864: "/min", 264928: "/min", 268192: "Cel", 266560: "[degF]",
}  # fmt: skip
HEX_CODE = re.compile(r"([0-9A-Fa-f]{4})-([0-9A-Fa-f]{4})", re.ASCII)
ARTERIAL = re.compile(r"\b(abp|art|arterial|ibp|invasive)\b")
NOT_INVASIVE = re.compile(r"\bnon[- ]?invasive\b|\bnon\b|\bcuff\b|\bnib?p\b|\bnbp\b")
WORDS = re.compile(r"[^a-z0-9]")


def signal_of(components: tuple[str, ...]) -> Signal | None:
    """Return the signal of an OBX-3: by MDC name, then by MDC or LOINC code, then by its label; None when unknown."""
    return _signal_of(components[:6])


def unit_of(components: tuple[str, ...]) -> str | None:
    """Return the UCUM unit of an OBX-6, whichever coding says it; None when none does."""
    return _unit_of(components[:6])


def number_of(code: str) -> int | None:
    """Return a context-free MDC code: decimal, or as partition and term in hexadecimal (0002-4BB8); None for neither."""
    found = HEX_CODE.fullmatch(code)
    if found is not None:
        return int(found[1], 16) * 0x10000 + int(found[2], 16)
    return int(code) if code.isascii() and code.isdigit() and len(code) < len("2147483648") else None


@lru_cache(maxsize=1024)
def disagreement(components: tuple[str, ...]) -> str:
    """Say when the number of an OBX-3 is the standard's number of another signal than its name; empty when they agree."""
    code, words = (*components, "", "")[:2]
    number = number_of(code.strip())
    named = MDC.get(words.strip().upper())
    other = MDC_NUMBERS.get(number) if number is not None else None
    if named is None or other is None or other is named[1]:
        return ""
    return f"number {code} is not {words}: the name is taken"


@lru_cache(maxsize=1024)
def _signal_of(components: tuple[str, ...]) -> Signal | None:
    padded = (*(part.strip() for part in components), *[""] * 6)
    for code, words, system in (padded[:3], padded[3:6]):
        found = _of_triplet(code, words, system.upper())
        if found is not None:
            return found
    return None


@lru_cache(maxsize=1024)
def _unit_of(components: tuple[str, ...]) -> str | None:
    for part in components:
        key = part.strip().lower().replace("_", "").replace(" ", "")
        number = number_of(part.strip())
        found = UNITS.get(key) or (UNIT_NUMBERS.get(number) if number is not None else None)
        if found:
            return found
    return None


def _of_triplet(code: str, words: str, system: str) -> Signal | None:
    named = MDC.get(words.upper()) or MDC.get(code.upper())
    if named is not None:
        return named[1]
    if words.upper().startswith(("MDC_", "MDCX_", "MNDRY_")):
        return None
    own = makers.SIGNALS.get(system, {}).get(code.lower())
    if own is not None:
        return own
    if code in LOINC and system in LOINC_SYSTEMS:
        return _method(LOINC[code], words)
    number = number_of(code)
    if number in MDC_NUMBERS and system in MDC_SYSTEMS:
        return MDC_NUMBERS[number]
    return LABELS.get(WORDS.sub("", words.lower())) or (LABELS.get(WORDS.sub("", code.lower())) if not words else None)


def _method(signal: Signal, words: str) -> Signal:
    """Keep an arterial line apart from the cuff where a LOINC code names no method and the words do."""
    plain = words.lower().replace("_", " ")
    by_line = ARTERIAL.search(plain) and not NOT_INVASIVE.search(plain)
    return OF_ARTERIAL_LINE.get(signal, signal) if by_line else signal
