"""The alarms that a device itself reports (IHE PCD-04, ORU^R40; some makers send them within ORU^R01). Read and shown, never ours."""

from functools import lru_cache

from openketamine.doors.hl7v2 import codes
from openketamine.doors.hl7v2.message import Message, Segment

# One alarm is a group of OBX: the event, then its facets, named in two ways by two editions of the standard.
FACETS = {
    "MDC_ATTR_EVENT_PHASE": "phase", "MDC_ATTR_ALARM_STATE": "state", "MDC_ATTR_ALERT_STATE": "state",
    "MDC_ATTR_ALARM_PRIORITY": "priority", "MDC_ATTR_ALERT_PRIORITY": "priority",
    "MDC_ATTR_ALERT_TYPE": "type", "MDC_ATTR_ALARM_TYPE": "type",
}  # fmt: skip
FACET_NUMBERS = {68481: "phase", 68482: "state", 68484: "priority", 68485: "type"}
EVENT_NAMES = ("MDC_EVT_", "MDCX_EVT_", "MNDRY_EVT_")
EVENT_NUMBERS = range(196608, 262144)  # partition 3 of ISO/IEEE 11073-10101: events
PUMP_EVENT = "MDC_EVT_PUMP_"
ANY_EVENT = "MDC_EVT_ALARM"
PRIORITIES = frozenset({"PN", "PI", "PL", "PM", "PH", "PU"})
TYPES = frozenset({"SP", "ST", "SA"})
Alarm = dict[str, str | None]


def device_alarms(message: Message) -> list[Alarm]:
    """Return the alarms of a message, one for each alarm event in it."""
    found: list[Alarm] = []
    for row in message.named("OBX") if message.type[1] != "R42" else ():
        if _is_event(row):
            found.append(_begun(row))
        facet = _facet(row)
        if facet is None or (not found and message.type[1] != "R40"):
            continue
        if not found:
            found.append(_begun(row))
        found[-1][facet] = row.component(5).strip() or row.component(5, 2).strip() or found[-1][facet]
    return found


def _begun(row: Segment) -> Alarm:
    """Begin an alarm; older senders put its priority and type into the flags (OBX-8)."""
    flags = {word for part in row.repetitions(8) for word in part.upper().split(row.separators[1])}
    priority, kind = (min(flags & known, default=None) for known in (PRIORITIES, TYPES))
    return {"phase": None, "state": None, "priority": priority, "type": kind, "text": _text(row)}


def _is_event(row: Segment) -> bool:
    return _names_event(row.components(3))


@lru_cache(maxsize=1024)
def _names_event(code: tuple[str, ...]) -> bool:
    name, number = _name_in(code), codes.number_of(code[0].strip())
    if name.startswith(PUMP_EVENT):
        return False
    return name.startswith(EVENT_NAMES) or (not name and number is not None and number in EVENT_NUMBERS)


def _facet(row: Segment) -> str | None:
    return _facet_in(row.components(3))


@lru_cache(maxsize=1024)
def _facet_in(code: tuple[str, ...]) -> str | None:
    number = codes.number_of(code[0].strip())
    return FACETS.get(_name_in(code)) or (FACET_NUMBERS.get(number) if number is not None else None)


def _name(row: Segment) -> str:
    return _name_in(row.components(3))


def _name_in(code: tuple[str, ...]) -> str:
    return next((part.strip() for part in code if part.startswith(("MDC_", "MDCX_", "MNDRY_"))), "")


def _text(row: Segment) -> str | None:
    """Return the sender's own words, else the event's name."""
    words = [part.strip() for part in row.components(5) if part.strip() and part != "MDC"]
    name = _name(row)
    if _facet(row) is not None:
        return None
    if not words:
        return name or row.component(3, 2) or None
    of_what = words[-1].startswith("MDC_") and not words[-1].startswith(EVENT_NAMES) and name != ANY_EVENT
    return f"{name}: {words[-1]}" if of_what else words[-1]
