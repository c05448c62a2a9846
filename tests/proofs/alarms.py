"""Can the alarms be trusted? Simulated hours whose truth is known: nothing true is missed, and most false alarms are spared."""

from datetime import date

import numpy as np
from tests.proofs.alarm_world import CUFF_EVERY_S, DANGERS, NONE, SECONDS, SILENT, hour
from tests.proofs.registry import proof

from openketamine.core.monitoring.alarm import step
from openketamine.core.monitoring.memory import Watch
from openketamine.core.monitoring.signal import Reading, Signal, Tick
from openketamine.evidence import alarm_limits, load
from openketamine.evidence.limits_edit import with_numbers
from openketamine.evidence.regimen_edit import Signed

SET = {"hr_low": 45.0}  # ships without a number; this one is as a clinic might set it
RULES = alarm_limits.rules_of(
    with_numbers(load.text("limits", "vital_signs"), SET, Signed("nobody", date(2026, 1, 1))), "vital_signs"
)
TECHNICAL = {"spo2": "spo2_missing", "heart_rate": "heart_rate_missing"}
LINK_S = 10  # within how many seconds a lost signal must have been told
AFTER_S = 20  # an alarm so soon after the truth was beyond its limit is late, not false


@proof(seed=77001, small={"hours": 2}, full={"hours": 400})
def alarms_true_and_false(chance, *, hours):
    """In simulated hours with artefacts no true event is missed (the noise-free signal beyond its limit for its fixed time; one
    hidden by signal loss counts as found only if a technical alarm says so in time), and false alarms are at most 40 % of those
    of plain thresholds (same limit, no hold, one alarm for each excursion of the monitor's signal).

    The hours are of a seed that was not looked at while the rules were made. Cuff pressures are counted beside the claim and not
    in it: two readings of a cuff that errs by 4 mmHg cannot tell 181 from 179, whatever the rule. The rule on a slow heart ships
    without a number and is set to 45 here.
    """
    found = {danger.rule: _empty() for danger in DANGERS}
    kinds: dict[str, list[int]] = {}
    for _ in range(hours):
        one = hour(chance)
        raised = raised_in(one)
        for danger in DANGERS:
            judge(one, danger, raised, found[danger.rule], kinds)
    cuff = found["bp_high"]
    streams = [row for row in found.values() if row is not cuff]
    events, missed = (sum(row[key] for row in streams) for key in ("events", "missed"))
    ours, plain = (sum(row[key] for row in found.values()) for key in ("false", "plain_false"))
    delays = np.concatenate([row["delays"] for row in streams]) if events else np.zeros(1)
    figures = {
        "hours": hours, "true_events": events, "missed": missed, "cuff_events": cuff["events"], "cuff_events_missed": cuff["missed"], "found_by_technical_alarm": sum(r["technical"] for r in found.values()),
        "false_alarms_per_hour": round(ours / hours, 3), "plain_threshold_false_alarms_per_hour": round(plain / hours, 3),
        "false_share_of_plain_percent": round(100 * ours / max(plain, 1), 1),
        "delay_median_s": float(np.median(delays)), "delay_p95_s": float(np.quantile(delays, 0.95)),
    }  # fmt: skip
    for rule, row in found.items():
        figures |= {
            f"{rule}_events": row["events"],
            f"{rule}_false": row["false"],
            f"{rule}_plain_false": row["plain_false"],
        }
    for kind, (alarmed, by_plain) in sorted(kinds.items()):
        figures |= {f"artefact_{kind}_false": alarmed, f"artefact_{kind}_plain_false": by_plain}
    assert missed == 0, (
        f"{missed} of {events} true events were missed: {[rule for rule, row in found.items() if row['missed'] and row is not cuff]}"
    )
    assert ours <= 0.4 * plain, f"false alarms are {figures['false_share_of_plain_percent']} % of plain thresholds"
    return figures


def _empty():
    return {"events": 0, "missed": 0, "technical": 0, "false": 0, "plain_false": 0, "delays": []}


def raised_in(one):
    """Return, for each rule, the spans in which it was raised: (from second, to second)."""
    watch, open_, spans = Watch(), {}, {}
    for second in range(SECONDS):
        for seen in [*_readings(one, second), Tick(second)]:
            watch, events = step(RULES, watch, seen)
            for event in events:
                if event.state == "raised":
                    open_[event.rule] = second
                else:
                    spans.setdefault(event.rule, []).append((open_.pop(event.rule), second))
    for rule, start in open_.items():
        spans.setdefault(rule, []).append((start, SECONDS))
    return spans


def _readings(one, second):
    for name, shown in one.shown.items():
        due = name != "nibp_systolic" or second % CUFF_EVERY_S == 0
        if due and shown[second] != SILENT:
            yield Reading(second, Signal(name), None if shown[second] == NONE else float(shown[second]))


def judge(one, danger, raised, row, kinds):
    """Count what one rule made of one hour."""
    beyond = danger.beyond(one.truth[danger.signal])
    spans = raised.get(danger.rule, [])
    for start, end in runs(beyond):
        if end - start >= danger.for_s:
            _true_event(one, danger, raised, (start, end), row)
    late = np.convolve(beyond, np.ones(AFTER_S + 1))[:SECONDS] > 0
    false = [start for start, _ in spans if not late[start]]
    plain = [start for start, _ in runs(_plain(one, danger)) if not late[start]]
    row["false"] += len(false)
    row["plain_false"] += len(plain)
    for column, starts in ((0, false), (1, plain)):
        for start in starts:
            kinds.setdefault(_artefact(one, danger.signal, start), [0, 0])[column] += 1


def _true_event(one, danger, raised, span, row):
    row["events"] += 1
    start, end = span
    hits = [at for at, until in raised.get(danger.rule, []) if at < end and until > start]
    if hits:
        row["delays"].append(max(0, min(hits) - start))
        return
    lost = [at for at, until in raised.get(TECHNICAL.get(danger.signal, ""), []) if at < end and until > start]
    dark = [span for span in runs(one.shown[danger.signal] < 0) if span[0] < end and span[1] > start]
    if dark and any(at <= begin + LINK_S for at in lost for begin, _ in dark):
        row["technical"] += 1
    else:
        row["missed"] += 1


def _plain(one, danger):
    """What a threshold without hold makes of the monitor's signal; a cuff value stands until the next one."""
    shown = one.shown[danger.signal].copy()
    if danger.signal == "nibp_systolic":
        shown = np.repeat(shown[::CUFF_EVERY_S], CUFF_EVERY_S)[:SECONDS]
    return danger.beyond(shown) & (shown >= 0)


def _artefact(one, signal, second):
    return next((kind for kind, start, end in one.at_work.get(signal, []) if start <= second <= end + AFTER_S), "noise")


def runs(flags):
    """Return the runs of True as (start, end) with end exclusive."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], np.asarray(flags, dtype=int), [0]])))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
