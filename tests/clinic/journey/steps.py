"""What people do on the way, as a browser would send it: seat, check, draw, start."""

import re
from datetime import timedelta
from decimal import Decimal

from django.urls import reverse
from tests.builders import AT

from openketamine.clinic.infusion import before
from openketamine.clinic.infusion.models import Infusion
from openketamine.clinic.ledger import actions as ledger
from openketamine.clinic.monitoring.models import Chair

ASKED = (
    "consent", "driving", "fasting", "antihypertensives", "medicines", "sober", "pregnancy", "drug_screen", "urinary", "suicidality", "bell",
)  # fmt: skip
GATE = {
    "identity_name": "Testa Synthetic", "identity_born": "1980-01-01", "escort_name": "Escort Example", "monitor_alarms_name": "nils",
    **dict.fromkeys(ASKED, "yes"),
}  # fmt: skip


class Desk:
    """One browser of one member of staff, with a hand on the clinic's clock."""

    def __init__(self, client, person):
        client.force_login(person)
        self.client = client

    def get(self, name, *args):
        return self.client.get(reverse(name, args=args))

    def post(self, name, *args, follow=True, **fields):
        return self.client.post(reverse(name, args=args), fields, follow=follow)


def go_to(now, minute):
    now["at"] = AT + timedelta(minutes=minute)


def planned(prescriber, patient):
    """A course and the first order, as a prescriber signs them."""
    prescriber.post(
        "plan:course", patient.reference,
        regimen="depression_iv_racemic", infusions=6, per_week=2, dose_mg_per_kg="0.5", duration_min="40", first_on="2026-03-02",
    )  # fmt: skip
    prescriber.post(
        "plan:order",
        patient.reference,
        weight_kg="70",
        dose_mg_per_kg="0.5",
        strength="50",
        bag_ml="100",
        duration_min="40",
        sign="yes",
        password="a long enough phrase",
    )


def seated(nurse, patient):
    chair = Chair.objects.create(name="Chair 1")
    nurse.post("infusion:open", patient.reference, chair=chair.pk)
    return Infusion.objects.get(patient=patient, closed_at=None)


def drawn(nurse, infusion, mg="35"):
    vial = ledger.receive(
        lot="LOT-1",
        strength=Decimal(50),
        content_mg=Decimal(500),
        expires_on=AT.date() + timedelta(days=90),
        by="pia",
        at=AT,
    )
    return nurse.post("ledger:session", infusion.reference, **{
        "act": "draw", "draw-mg": mg, "draw-vial": vial.pk, "draw-second": "ada", "draw-password": "a long enough phrase",
    })  # fmt: skip


def checked(nurse, infusion, systolic=128, diastolic=78, **more):
    return nurse.post("infusion:check", infusion.reference, nibp_systolic=systolic, nibp_diastolic=diastolic, **more)


def started(nurse, infusion):
    nurse.post("infusion:gate", infusion.reference, **GATE)
    drawn(nurse, infusion)
    checked(nurse, infusion, heart_rate=70, spo2=98)
    fitted_out(nurse, infusion)
    nurse.post("infusion:ready", infusion.reference)
    return nurse.post("infusion:record", infusion.reference, kind="started", rate_ml_per_h="150")


def fitted_out(nurse, infusion):
    """Go through the chair as somebody does every morning."""
    return nurse.post(
        "infusion:readiness", infusion.watch.chair_id, observer="nils", clinician="ada",
        present=["oxygen", "suction", "bag_mask", "defibrillator", "reversal", "bell"],
    )  # fmt: skip


LOOKED_AT = {
    "oriented": {"met": "yes"}, "steady_gait": {"met": "yes"}, "instructions_person": {"met": "yes"}, "instructions_escort": {"met": "yes"}, "escort": {"met": "yes"},
    "no_new_suicidal_thoughts": {"answer": "none"}, "dissociation_resolved": {},
}  # fmt: skip


def looked_at(nurse, infusion, *, left_out=""):
    """Ask, observe and tick what a person looks at before somebody leaves."""
    for criterion, said in LOOKED_AT.items():
        if criterion == left_out:
            continue
        if said:
            nurse.post("recovery:tick", infusion.reference, criterion=criterion, **said)
        else:
            nurse.post("infusion:observe", infusion.reference, signal="dissociation", value="0")


def phase(nurse, infusion):
    return re.search(r'data-phase="(\w+)"', nurse.get("infusion:chair", infusion.reference).text)[1]


def record(nurse, infusion, kind, **fields):
    return nurse.post("infusion:record", infusion.reference, kind=kind, **fields)


def the_run(nurse, infusion, now):
    """150 mL/h for 16 minutes, a pause of 4, 100 mL/h for 18 minutes, stop: 70 mL, 24.5 mg."""
    started(nurse, infusion)
    for minute, kind, rate in ((16, "paused", ""), (20, "resumed", "100"), (38, "stopped", "")):
        go_to(now, minute)
        record(nurse, infusion, kind, rate_ml_per_h=rate)


def answer(who, infusion, **changes):
    return who.post("infusion:gate", infusion.reference, **{**GATE, **changes})


def where(infusion, item):
    return next(one for one in before.gate(infusion) if one.id == item)
