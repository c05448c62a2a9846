"""Ready-made people, obviously synthetic: Ada Example may prescribe, Nils Example nurses, Dora Example is at the desk."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

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


def make_seated(patient=None, chair="Chair 1", position=0, at=AT):
    """Seat a person of 70 kg two minutes before `at`, with an order of 35 mg; written without any page."""
    from openketamine.clinic.monitoring.models import Chair
    from openketamine.clinic.plan import actions as plan
    from openketamine.site import demo_lives

    shape = plan.Shape("depression_iv_racemic", 6, 2, Decimal("0.5"), Decimal(40), at.date())
    course = plan.plan_course(patient=patient or make_patient(), shape=shape, by="ada", at=at)
    place = Chair.objects.create(name=chair, position=position)
    return demo_lives.seated(
        course.patient, course.days.get(number=1), place, weight_kg=Decimal(70), at=at - timedelta(minutes=2)
    )


def make_infusing(patient=None, chair="Chair 1", position=0, at=AT):
    """Seat a person of 70 kg two minutes before `at` and start 35 mg at 150 mL/h; written without any page."""
    from openketamine.site import demo_lives

    infusion = make_seated(patient, chair, position, at)
    demo_lives.started(infusion, at=at)
    return infusion
