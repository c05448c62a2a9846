"""`import-fhir FILE|- --by NAME`: take in a referral (FHIR R4 Bundle); without --by, say what would be taken in."""

from typing import TYPE_CHECKING

from openketamine.site.commands.arguments import Arguments
from openketamine.site.commands.django_setup import setup
from openketamine.site.commands.io import BadInput, print_json, read_bytes

if TYPE_CHECKING:
    from openketamine.clinic.people.history import Taken
    from openketamine.clinic.people.models import Patient
    from openketamine.doors.fhir.actions import NewPatient
    from openketamine.doors.fhir.bundle import Referral


def run(argv: list[str]) -> int:
    """Read one bundle and record it for one patient."""
    parser = Arguments("import-fhir")
    parser.add_argument("file", metavar="FILE|-")
    parser.add_argument("--by", default="", help="the member of staff who takes it in")
    parser.add_argument("--patient", default="", metavar="REFERENCE")
    parser.add_argument("--new-for", default="", metavar="WORDS", help="a new patient, and what for")
    parser.add_argument("--home", default="")
    parser.add_argument("--db", default="")
    options = parser.parse_args(argv)
    content = read_bytes(options.file)
    setup(options.home, options.db)
    from openketamine.clinic.people.history import IdentityError
    from openketamine.doors.fhir import bundle

    try:
        referral = bundle.read(content)
        taken = _taken(content, referral, options.by, options.patient, options.new_for) if options.by else None
    except (bundle.BundleError, IdentityError) as error:
        raise BadInput(f"{options.file}: {error}") from error
    print_json(
        {
            "patient": taken.patient.reference if taken else None, "statements": len(referral.said),
            "new": taken.new if taken else None, "changed": taken.changed if taken else None,
            "known": taken.known if taken else None, "died": referral.died,
            "not_understood": [{"what": row.what, "why": row.why, "times": row.times} for row in referral.not_understood],
        }
    )  # fmt: skip
    return 0


def _taken(content: bytes, referral: "Referral", by: str, reference: str, new_for: str) -> "Taken":
    from openketamine.clinic.people.models import Staff
    from openketamine.doors.fhir import actions
    from openketamine.site import clock

    if not Staff.objects.filter(username=by, is_active=True).exists():
        raise BadInput(f"--by = {by!r}: nobody of that name works here")
    whose, at = _whose(referral, reference, new_for), clock.clinic_time()
    kept, _referral = actions.receive(content, by=by, at=at)
    return actions.take_in(kept, whose=whose, by=by, at=at)


def _whose(referral: "Referral", reference: str, new_for: str) -> "Patient | NewPatient":
    """Return whose record it is; raises BadInput when that has to be said."""
    from openketamine.clinic.people import history
    from openketamine.clinic.people.models import Patient
    from openketamine.doors.fhir.actions import NewPatient

    known, born_on = history.known_as(referral.person), referral.person.born_on
    if reference or known:
        found = Patient.objects.filter(reference=reference).first() if reference else known
        if found is None:
            raise BadInput(f"--patient = {reference!r}: no patient has this reference")
        return found
    if not new_for:
        may_be = ", ".join(one.reference for one in history.may_be(referral.person, born_on)) if born_on else ""
        raise BadInput(
            f"--patient or --new-for is missing: nobody here has these identifiers; may be: {may_be or 'nobody'}"
        )
    if born_on is None:
        raise BadInput(
            "Patient.birthDate: gives no whole date; take the file in on the referral page, which asks for it"
        )
    return NewPatient(born_on, new_for)
