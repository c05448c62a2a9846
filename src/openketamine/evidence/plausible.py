"""The plausible range of each signal, from `limits/plausible.toml`."""

from functools import cache

from openketamine.core.monitoring.signal import Signal
from openketamine.evidence import load
from openketamine.evidence.load import cited


@cache
def ranges() -> dict[str, tuple[float, float]]:
    """Return lowest and highest plausible value by signal, in the signal's unit; raises EvidenceError when one is missing."""
    row, where = load.table("limits", "plausible"), "limits/plausible.toml"
    missing = [signal.value for signal in Signal if signal.value not in row]
    if missing:
        raise load.EvidenceError(f"{where}: no range for {', '.join(missing)}")
    return {signal.value: (float(row[signal]["low"]), cited(row[signal], signal.unit, where)) for signal in Signal}
