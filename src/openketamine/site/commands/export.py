"""`export PATIENT --format fhir|csv --out PATH`: a patient's whole record in open formats; the same record gives the same bytes."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from openketamine.site.commands.arguments import Arguments
from openketamine.site.commands.django_setup import setup
from openketamine.site.commands.io import BadInput

if TYPE_CHECKING:
    from openketamine.clinic.people.models import Patient


def run(argv: list[str]) -> int:
    """Write one patient's record to a file that only its owner can read."""
    parser = Arguments("export")
    parser.add_argument("patient", metavar="PATIENT")
    parser.add_argument("--format", choices=("fhir", "csv"), required=True)
    parser.add_argument("--out", required=True, metavar="PATH")
    parser.add_argument("--home", default="")
    parser.add_argument("--db", default="")
    options = parser.parse_args(argv)
    setup(options.home, options.db)
    from django.db import OperationalError, ProgrammingError

    try:
        patient = _patient(options.patient)
    except (OperationalError, ProgrammingError) as error:
        raise BadInput("--home: there is no clinic here yet; `openketamine migrate` makes its database") from error
    content = _content(patient, options.format)
    write_private(Path(options.out), content)
    _noted(patient, options.format)
    print(f"openketamine: wrote {options.out} ({len(content)} bytes)", file=sys.stderr)
    return 0


def write_private(path: Path, content: bytes) -> None:
    """Write a whole file or none, readable by its owner alone; raises BadInput naming a path that cannot be written."""
    half = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
        half.replace(path)
    except OSError as error:
        half.unlink(missing_ok=True)
        raise BadInput(f"--out = {path}: cannot be written ({error.strerror})") from error


def _patient(reference: str) -> "Patient":
    from openketamine.clinic.people.models import Patient

    found = Patient.objects.filter(reference=reference).first()
    if found is None:
        raise BadInput(
            f"PATIENT = {reference!r}: no patient has this reference; it stands in the address of the patient's page"
        )
    return found


def _content(patient: "Patient", kind: str) -> bytes:
    from django.db import transaction

    import openketamine
    from openketamine.clinic.audit import archive
    from openketamine.clinic.audit.rows import rows
    from openketamine.doors.fhir import export

    with transaction.atomic():
        if kind == "fhir":
            return export.bundle(patient)
        return archive.write(rows(patient), patient=patient.reference, software=openketamine.__version__)


def _noted(patient: "Patient", kind: str) -> None:
    from openketamine.clinic.audit import actions as audit
    from openketamine.clinic.audit.rows import ABOUT_EXPORTS
    from openketamine.site import clock

    audit.record(
        by="command line", at=clock.clinic_time(), action=ABOUT_EXPORTS, patient=patient.reference, format=kind
    )
