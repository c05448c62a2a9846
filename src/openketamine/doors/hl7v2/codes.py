"""Which code means which signal: IEEE 11073-10101 (MDC) names and numbers, LOINC, and plain labels; units to UCUM.

The name (reference id) wins over the number, because senders write 0 or a wrong number beside a right name.
"""

import re

from openketamine.core.monitoring.signal import Signal

MDC_NAMES = {
    "MDC_ECG_HEART_RATE": Signal.HEART_RATE, "MDC_ECG_CARD_BEAT_RATE": Signal.HEART_RATE,
    "MDC_PULS_OXIM_PULS_RATE": Signal.PULSE_RATE, "MDC_PULS_RATE": Signal.PULSE_RATE, "MDC_PULS_RATE_NON_INV": Signal.PULSE_RATE,
    "MDC_BLD_PULS_RATE_INV": Signal.PULSE_RATE,
    "MDC_PULS_OXIM_SAT_O2": Signal.SPO2, "MDC_RESP_RATE": Signal.RESPIRATORY_RATE, "MDC_TTHOR_RESP_RATE": Signal.RESPIRATORY_RATE,
    "MDC_CO2_RESP_RATE": Signal.RESPIRATORY_RATE, "MDC_AWAY_CO2_ET": Signal.ETCO2, "MDC_CONC_AWAY_CO2_ET": Signal.ETCO2,
    "MDC_TEMP": Signal.TEMPERATURE, "MDC_TEMP_BODY": Signal.TEMPERATURE, "MDC_TEMP_SKIN": Signal.TEMPERATURE,
    "MDC_PRESS_BLD_NONINV_SYS": Signal.NIBP_SYSTOLIC, "MDC_PRESS_BLD_NONINV_DIA": Signal.NIBP_DIASTOLIC,
    "MDC_PRESS_BLD_NONINV_MEAN": Signal.NIBP_MEAN, "MDC_PRESS_CUFF_SYS": Signal.NIBP_SYSTOLIC,
    "MDC_PRESS_CUFF_DIA": Signal.NIBP_DIASTOLIC, "MDC_PRESS_CUFF_MEAN": Signal.NIBP_MEAN,
    "MDC_PRESS_BLD_ART_SYS": Signal.ABP_SYSTOLIC, "MDC_PRESS_BLD_ART_DIA": Signal.ABP_DIASTOLIC,
    "MDC_PRESS_BLD_ART_MEAN": Signal.ABP_MEAN, "MDC_PRESS_BLD_ART_ABP_SYS": Signal.ABP_SYSTOLIC,
    "MDC_PRESS_BLD_ART_ABP_DIA": Signal.ABP_DIASTOLIC, "MDC_PRESS_BLD_ART_ABP_MEAN": Signal.ABP_MEAN,
}  # fmt: skip
MDC_NUMBERS = {
    147842: Signal.HEART_RATE, 149530: Signal.PULSE_RATE, 149514: Signal.PULSE_RATE, 149546: Signal.PULSE_RATE,
    149522: Signal.PULSE_RATE, 150456: Signal.SPO2, 151562: Signal.RESPIRATORY_RATE, 151578: Signal.RESPIRATORY_RATE,
    151594: Signal.RESPIRATORY_RATE, 151708: Signal.ETCO2, 150344: Signal.TEMPERATURE, 150364: Signal.TEMPERATURE,
    150021: Signal.NIBP_SYSTOLIC, 150022: Signal.NIBP_DIASTOLIC, 150023: Signal.NIBP_MEAN, 150301: Signal.NIBP_SYSTOLIC,
    150302: Signal.NIBP_DIASTOLIC, 150303: Signal.NIBP_MEAN, 150033: Signal.ABP_SYSTOLIC, 150034: Signal.ABP_DIASTOLIC,
    150035: Signal.ABP_MEAN, 150037: Signal.ABP_SYSTOLIC, 150038: Signal.ABP_DIASTOLIC, 150039: Signal.ABP_MEAN,
}  # fmt: skip
LOINC = {
    "8867-4": Signal.HEART_RATE, "8889-8": Signal.PULSE_RATE, "59408-5": Signal.SPO2, "2708-6": Signal.SPO2,
    "9279-1": Signal.RESPIRATORY_RATE, "19891-1": Signal.ETCO2, "8310-5": Signal.TEMPERATURE, "8480-6": Signal.NIBP_SYSTOLIC,
    "8462-4": Signal.NIBP_DIASTOLIC, "8478-0": Signal.NIBP_MEAN,
}  # fmt: skip
LABELS = {
    "hr": Signal.HEART_RATE, "heartrate": Signal.HEART_RATE, "ecghr": Signal.HEART_RATE, "pulse": Signal.PULSE_RATE,
    "pulserate": Signal.PULSE_RATE, "pr": Signal.PULSE_RATE, "spo2": Signal.SPO2, "resp": Signal.RESPIRATORY_RATE,
    "rr": Signal.RESPIRATORY_RATE, "respiratoryrate": Signal.RESPIRATORY_RATE, "etco2": Signal.ETCO2,
    "temp": Signal.TEMPERATURE, "temperature": Signal.TEMPERATURE,
    "nbps": Signal.NIBP_SYSTOLIC, "nbpd": Signal.NIBP_DIASTOLIC, "nbpm": Signal.NIBP_MEAN, "nibpsys": Signal.NIBP_SYSTOLIC,
    "nibpdia": Signal.NIBP_DIASTOLIC, "nibpmean": Signal.NIBP_MEAN, "nibpsystolic": Signal.NIBP_SYSTOLIC,
    "nibpdiastolic": Signal.NIBP_DIASTOLIC, "nbpsystolic": Signal.NIBP_SYSTOLIC, "nbpdiastolic": Signal.NIBP_DIASTOLIC,
    "abps": Signal.ABP_SYSTOLIC, "abpd": Signal.ABP_DIASTOLIC, "abpm": Signal.ABP_MEAN, "arts": Signal.ABP_SYSTOLIC,
    "artd": Signal.ABP_DIASTOLIC, "artm": Signal.ABP_MEAN,
}  # fmt: skip
UNITS = {
    "%": "%", "mdcdimpercent": "%", "mm[hg]": "mm[Hg]", "mmhg": "mm[Hg]", "mdcdimmmhg": "mm[Hg]", "kpa": "kPa", "mdcdimkilopascal": "kPa",
    "/min": "/min", "{beat}/min": "/min", "{beats}/min": "/min", "{breath}/min": "/min", "{breaths}/min": "/min", "1/min": "/min",
    "bpm": "/min", "rpm": "/min", "brpm": "/min", "beats/min": "/min", "breaths/min": "/min", "mdcdimbeatpermin": "/min", "mdcdimrespermin": "/min",
    "mdcdimresppermin": "/min", "cel": "Cel", "c": "Cel", "degc": "Cel", "°c": "Cel", "mdcdimdegc": "Cel",
    "[degf]": "[degF]", "f": "[degF]", "degf": "[degF]", "°f": "[degF]", "mdcdimfahr": "[degF]",
}  # fmt: skip
UNIT_NUMBERS = {
    "262688": "%", "266016": "mm[Hg]", "265987": "kPa", "264864": "/min", "264928": "/min", "268192": "Cel", "268160": "[degF]",
}  # fmt: skip


def signal_of(components: tuple[str, ...]) -> Signal | None:
    """Return the signal of an OBX-3: by MDC name, then by MDC or LOINC code, then by its label; None when unknown."""
    padded = (*components, *[""] * 6)
    for code, words, system in (padded[:3], padded[3:6]):
        found = _of_triplet(code.strip(), words.strip(), system.strip().upper())
        if found is not None:
            return found
    return None


def unit_of(components: tuple[str, ...]) -> str | None:
    """Return the UCUM unit of an OBX-6, whichever coding says it; None when none does."""
    for part in components:
        key = part.strip().lower().replace("_", "").replace(" ", "")
        found = UNITS.get(key) or UNIT_NUMBERS.get(part.strip())
        if found:
            return found
    return None


def _of_triplet(code: str, words: str, system: str) -> Signal | None:
    if words.upper() in MDC_NAMES or code.upper() in MDC_NAMES:
        return MDC_NAMES.get(words.upper()) or MDC_NAMES[code.upper()]
    if words.upper().startswith("MDC_"):
        return None
    if system in {"LN", "LOINC"} and code in LOINC:
        return LOINC[code]
    if system == "MDC" and code.isascii() and code.isdigit() and int(code) in MDC_NUMBERS:
        return MDC_NUMBERS[int(code)]
    return LABELS.get(re.sub(r"[^a-z0-9]", "", words.lower()))
