"""Ready-made people, obviously synthetic: Ada Example may prescribe, Nils Example nurses, Dora Example is at the desk."""

from datetime import UTC, date, datetime

from openketamine.clinic.people.models import Clinic, Patient, Role, Staff

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def make_clinic(**changes) -> Clinic:
    return Clinic.objects.create(**{"name": "Test clinic", "is_demo": False, **changes})


def make_staff(role=Role.NURSE, **changes) -> Staff:
    name = {"prescriber": "ada", "nurse": "nils", "front_desk": "dora", "pharmacist": "pia", "owner": "otto"}[role]
    fields = {"username": name, "display_name": f"{name.title()} Example", "role": role, **changes}
    return Staff.objects.create_user(**fields)


def make_patient(**changes) -> Patient:
    fields = {
        "given_name": "Testa", "family_name": "Synthetic", "born_on": date(1980, 1, 1), "sex": "female",
        "referred_at": AT, "referred_for": "treatment-resistant depression",
    }  # fmt: skip
    return Patient.objects.create(**{**fields, **changes})


def make_watch(chair=None, at=AT, **changes):
    from openketamine.clinic.audit import texts
    from openketamine.clinic.monitoring.models import Chair, Watch

    fields = {
        "patient": changes.pop("patient", None) or make_patient(),
        "chair": chair or Chair.objects.get_or_create(name="Chair 1")[0],
        "limits": "vital_signs",
        "limits_sha256": texts.keep("limits", "vital_signs", at=at),
        "started_at": at,
    }
    return Watch.objects.create(**{**fields, **changes})
