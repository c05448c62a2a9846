"""Make a clinic with one chair, one person and one accepted monitor for each name given. Run by the load proofs."""

import sys
from datetime import UTC, datetime, timedelta


def main(home, devices):
    """Create the database and fill it."""
    from openketamine.site.commands.django_setup import setup

    setup(home, "")
    from django.core.management import call_command
    from django.db import transaction

    call_command("migrate", verbosity=0)
    with transaction.atomic():
        _filled(devices, datetime.now(UTC) - timedelta(seconds=5))


def _filled(devices, at):
    from tests.builders import make_clinic, make_patient, make_watch

    from openketamine.clinic.monitoring.models import Chair, Device, DeviceOnChair

    make_clinic(device_stream=True, session_alarms=True)
    for place, name in enumerate(devices):
        chair = Chair.objects.create(name=name, position=place)
        device = Device.objects.create(identity=name, first_seen_at=at)
        DeviceOnChair(device=device, chair=chair, at=at, by="bench").save()
        make_watch(chair, at=at, patient=make_patient(family_name=name))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
