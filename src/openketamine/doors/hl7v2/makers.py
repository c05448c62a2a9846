"""Where a maker departs from the standard: codes of its own under the name of its own coding system (OBX-3.3)."""

from openketamine.core.monitoring.signal import Signal

# Philips MDIL writes IEEE 11073 terms in hexadecimal (read by `codes.number_of`); these are its own or its label terms.
PHILIPS = {
    "0002-5000": Signal.RESPIRATORY_RATE, "0002-f828": Signal.RESPIRATORY_RATE, "0002-4822": Signal.PULSE_RATE,
    "0002-f0e5": Signal.PULSE_RATE, "0002-50b0": Signal.ETCO2, "0002-f0c7": Signal.TEMPERATURE, "0401-0b54": Signal.TEMPERATURE,
}  # fmt: skip
EDAN = {
    "131072": Signal.HEART_RATE, "327680": Signal.SPO2, "393216": Signal.NIBP_SYSTOLIC, "393217": Signal.NIBP_DIASTOLIC,
    "393219": Signal.PULSE_RATE, "458752": Signal.TEMPERATURE,
}  # fmt: skip
SIGNALS: dict[str, dict[str, Signal]] = {"MDIL": PHILIPS, "EHC": EDAN}
