"""What a clinic's own version changes: tightening is free, loosening a sourced limit is not."""

from decimal import Decimal

import pytest

from openketamine.core.plan.protocol import Direction, Effect, Setting, changes

D = Decimal
CAP = Setting("caps.per_kg", "mg/kg", D("1.0"), Direction.LOWER, sourced=True)
OPEN = Setting("caps.per_session", "mg", None, Direction.LOWER)
REST = Setting("recovery.observation", "min", D(120), Direction.HIGHER, sourced=True)
ASSUMED = Setting("weight.oldest", "h", D(24), Direction.LOWER)


@pytest.mark.parametrize(
    ("setting", "after", "effect"),
    [
        (CAP, D("0.8"), Effect.TIGHTER), (CAP, D("1.2"), Effect.LOOSER_THAN_SOURCE), (CAP, None, Effect.LOOSER_THAN_SOURCE),
        (OPEN, D(60), Effect.TIGHTER), (REST, D(150), Effect.TIGHTER), (REST, D(90), Effect.LOOSER_THAN_SOURCE),
        (ASSUMED, D(48), Effect.LOOSER),
    ],
)  # fmt: skip
def test_each_change_says_what_it_does_to_safety(setting, after, effect):
    assert [change.effect for change in changes((setting,), {setting.name: after})] == [effect]


def test_what_stays_is_no_change():
    assert changes((CAP, OPEN), {"caps.per_kg": D("1.00"), "caps.per_session": None}) == ()


def test_a_change_reads_as_a_sentence():
    assert changes((OPEN,), {"caps.per_session": D(60)})[0].sentence() == "caps.per_session: not set -> 60 mg (tighter)"
