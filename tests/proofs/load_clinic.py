"""Make a clinic with one chair, one person and one accepted monitor for each name given; some of the chairs are infusing.

Run by the load proofs; prints the session cookie of a nurse and the infusions as JSON.
"""

import json
import sys
from datetime import UTC, datetime, timedelta


def main(home, devices, infusing=0, began_s=5):
    """Create the database and fill it; everybody has been here for so many seconds."""
    from openketamine.site.commands.django_setup import setup

    setup(home, "")
    from django.core.management import call_command
    from django.db import transaction

    call_command("migrate", verbosity=0)
    at = datetime.now(UTC) - timedelta(seconds=began_s)
    with transaction.atomic():
        nurse, prescriber = _staffed()
        for place, name in enumerate(devices):
            _chair(place, name, at)
        pages = [_infusing(nurse, prescriber, name, at) for name in devices[:infusing]]
        for name in devices[infusing:]:
            _watched(name, at)
    return {"cookie": nurse.client.cookies["sessionid"].value, "pages": pages}


def _staffed():
    from django.test import Client
    from django.test.utils import setup_test_environment
    from tests.builders import make_clinic, make_staff
    from tests.clinic.journey.steps import Desk

    from openketamine.clinic.people.models import Role

    setup_test_environment()
    make_clinic(device_stream=True, session_alarms=True, individual_prediction=True)
    prescriber = make_staff(Role.PRESCRIBER, password="a long enough phrase")
    return Desk(Client(), make_staff(Role.NURSE)), Desk(Client(), prescriber)


def _chair(place, name, at):
    from openketamine.clinic.monitoring.models import Chair, Device, DeviceOnChair

    chair = Chair.objects.create(name=name, position=place)
    device = Device.objects.create(identity=name, first_seen_at=at)
    DeviceOnChair(device=device, chair=chair, at=at, by="bench").save()


def _watched(name, at):
    from tests.builders import make_patient, make_watch

    from openketamine.clinic.monitoring.models import Chair

    make_watch(Chair.objects.get(name=name), at=at, patient=make_patient(family_name=name))


def _infusing(nurse, prescriber, name, at):
    """Take one person through every step until the pump is recorded as started."""
    from tests.builders import make_patient
    from tests.clinic.journey import steps

    from openketamine.clinic.infusion.models import Infusion
    from openketamine.clinic.monitoring.models import Chair

    steps.AT = at
    patient = make_patient(family_name=name)
    steps.planned(prescriber, patient)
    nurse.post("infusion:open", patient.reference, chair=Chair.objects.get(name=name).pk)
    infusion = Infusion.objects.get(patient=patient, closed_at=None)
    nurse.post("infusion:gate", infusion.reference, **{**steps.GATE, "identity_name": f"Testa {name}"})
    steps.drawn(nurse, infusion)
    steps.checked(nurse, infusion, heart_rate=70, spo2=98)
    steps.fitted_out(nurse, infusion)
    nurse.post("infusion:ready", infusion.reference, required=infusion.watch.required)
    nurse.post("infusion:record", infusion.reference, kind="started", rate_ml_per_h="150")
    assert steps.phase(nurse, infusion) == "infusing"
    nurse.get(
        "portal:device", infusion.reference
    )  # as the chair's page does when it opens: the link of the phone is made
    return {"reference": infusion.reference, "watch": infusion.watch_id, "device": name}


if __name__ == "__main__":
    json.dump(main(sys.argv[1], sys.argv[3:], int(sys.argv[2])), sys.stdout)
