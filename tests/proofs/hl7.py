"""How dear is the care of our HL7 reader? Beside the least that can be done by hand, and beside the library of the same name."""

import importlib.util

from bench import hl7_text
from bench.measure import busy, take_turns
from tests.proofs.registry import proof

from openketamine.doors.hl7v2.message import parse

AT_MOST, AT_LEAST = 3.0, 25.0


@proof(seed=1, small={"messages": 200, "turns": 2}, full={"messages": 5000, "turns": 7})
def hl7_reading_speed(_chance, *, messages, turns):
    """A message of twelve OBX is parsed, and code, value, unit and time of each read with escapes, repetitions and components undone,
    within 3 times the processor time of a minimal hand split; and at least 25 times faster than by the library `hl7`, where that is installed.
    """
    texts = [hl7_text.message(number) for number in range(messages)]
    assert [(list(code), value, list(unit), time) for code, value, unit, time in ours(texts[7])] == hl7_text.hand(
        texts[7]
    )
    candidates = {
        "ours": lambda: [ours(text) for text in texts],
        "hand": lambda: [hl7_text.hand(text) for text in texts],
    }
    few = texts[: max(1, messages // 50)]
    if importlib.util.find_spec("hl7"):
        assert [(code[0], value) for code, value, _, _ in peer(texts[7])] == [
            (code[0], value) for code, value, _, _ in ours(texts[7])
        ]
        candidates["peer"] = lambda: [peer(text) for text in few]
    best = take_turns(candidates, turns)
    us = {name: 1e6 * took.processor_s / len(few if name == "peer" else texts) for name, took in best.items()}
    figures = {
        "hand_us": round(us["hand"], 1), "ours_us": round(us["ours"], 1), "ours_over_hand": round(us["ours"] / us["hand"], 2), "machine_load": busy(),
        "hl7_library": f"{us['peer']:.0f} us, {us['peer'] / us['ours']:.0f} times ours" if "peer" in us else "not run: not installed",
    }  # fmt: skip
    if turns > 2:
        assert us["ours"] <= AT_MOST * us["hand"], figures
        assert "peer" not in us or us["peer"] >= AT_LEAST * us["ours"], figures
    return figures


def ours(raw):
    """Read a message as the door does."""
    rows = parse(raw).named("OBX")
    return [(row.components(3), float(row.component(5)), row.components(6), row.component(14)) for row in rows]


def peer(raw):
    """Read a message with the library `hl7`."""
    import hl7

    rows = hl7.parse(raw.decode()).segments("OBX")
    return [([str(part) for part in row[3][0]], float(str(row[5])), str(row[6]), str(row[14])) for row in rows]
