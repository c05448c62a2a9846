"""Every address with every role, held against a table: what is not in the table fails, what is not allowed is refused."""

import itertools
from contextlib import suppress
from dataclasses import dataclass

import pytest
from django.test import Client
from django.urls import NoReverseMatch, Resolver404, URLPattern, get_resolver, resolve, reverse
from tests.builders import AT, make_clinic, make_patient, make_staff

from openketamine.clinic.people.models import Finding, Role, Staff
from openketamine.clinic.tasks import actions as tasks
from openketamine.clinic.tasks.models import TaskDone

pytestmark = pytest.mark.django_db

P, N, F, D, O = Role.PRESCRIBER, Role.NURSE, Role.FRONT_DESK, Role.PHARMACIST, Role.OWNER  # noqa: E741
EVERYBODY = {P, N, F, D, O}
CLINICAL = {P, N}
ANYBODY = EVERYBODY | {None}
"""None is a visitor who has not signed in: the sign-in page, and the patient's own links."""


@dataclass
class Reading:
    """An address that some may read and fewer may write to."""

    roles: set
    writing: set


# fmt: off
TABLE = {
    "chart:board": EVERYBODY, "chart:board-live": EVERYBODY, "chart:wall": EVERYBODY, "chart:wall-live": EVERYBODY, "chart:stream": EVERYBODY,
    "chart:patients": EVERYBODY, "chart:patient": EVERYBODY,
    "people:sign-in": ANYBODY, "people:sign-out": EVERYBODY, "people:own-password": EVERYBODY,
    "people:refer": EVERYBODY, "people:elsewhere": CLINICAL,
    "people:members": {O}, "people:access": {O}, "people:renew": {O}, "people:switches": {O}, "people:phone": {O}, "people:raw-messages": {O},
    "fhir:upload": EVERYBODY, "fhir:review": EVERYBODY, "fhir:throw-away": EVERYBODY,
    "tasks:finish": EVERYBODY,
    "monitoring:devices": CLINICAL, "monitoring:accept": CLINICAL,
    "instruments:licences": EVERYBODY, "instruments:words": {O}, "instruments:pack": {O},
    "monitoring:sound": CLINICAL, "monitoring:sound-bar": CLINICAL, "monitoring:rules": Reading({P, N, O}, writing={P}), "monitoring:rules-text": {P, N, O},
    "candidacy:candidacy": CLINICAL, "candidacy:under": CLINICAL, "candidacy:decide": {P}, "candidacy:decision": CLINICAL,
    "candidacy:answers": CLINICAL, "candidacy:lists": CLINICAL, "candidacy:history": CLINICAL, "candidacy:minimum": {P},
    "candidacy:stage": CLINICAL, "candidacy:screens": CLINICAL, "candidacy:close-screen": {P},
    "candidacy:protocols": EVERYBODY, "candidacy:stand": {P}, "candidacy:policy": {P}, "candidacy:validity": {P}, "candidacy:work-up": CLINICAL, "candidacy:text": Reading(EVERYBODY, writing={P}),
    "candidacy:share": {P}, "candidacy:pdf": CLINICAL,
    "candidacy:leaflet": ANYBODY, "candidacy:sign": ANYBODY, "candidacy:withdraw": ANYBODY,
    "plan:plan": CLINICAL, "plan:import": {P}, "plan:taper": Reading(CLINICAL, writing={P}), "plan:course": {P}, "plan:order": {P}, "plan:finding": {P},
    "plan:appointments": EVERYBODY, "plan:book": EVERYBODY, "plan:calendar": EVERYBODY, "plan:move": EVERYBODY,
    "plan:new-feed": EVERYBODY, "plan:feed": ANYBODY, "plan:hours": {P, O},
    "plan:regimens": EVERYBODY, "plan:regimen": Reading(EVERYBODY, writing={P}),
    "plan:exposure": CLINICAL, "plan:rate": CLINICAL, "plan:check": CLINICAL, "plan:end": {P},
    "ledger:vial": {P, N, D, O},
    "ledger:stock": Reading({P, N, D, O}, writing={P, N, D}), "ledger:session": Reading({P, N, D, O}, writing={P, N, D}),
    "ledger:row": Reading({P, N, D, O}, writing={P, N, D}),
    "infusion:open": CLINICAL, "infusion:chair": CLINICAL, "infusion:live": CLINICAL, "infusion:chart": CLINICAL,
    "infusion:gate": CLINICAL, "infusion:before": CLINICAL, "infusion:check": CLINICAL, "infusion:record": CLINICAL, "infusion:correct": CLINICAL, "recovery:left": CLINICAL,
    "infusion:undo-value": CLINICAL, "infusion:wrong": CLINICAL, "infusion:change": CLINICAL, "infusion:wrong-unit": CLINICAL,
    "infusion:grid": CLINICAL, "infusion:observe": CLINICAL, "infusion:answer": CLINICAL, "infusion:come": CLINICAL, "infusion:handover": CLINICAL, "infusion:ready": CLINICAL,
    "infusion:training": CLINICAL, "infusion:training-live": CLINICAL, "infusion:training-chart": CLINICAL, "infusion:training-grid": CLINICAL,
    "infusion:undo": CLINICAL, "infusion:wishes": CLINICAL, "infusion:levels": CLINICAL, "infusion:readiness": CLINICAL,
    "recovery:panel": CLINICAL, "recovery:tick": CLINICAL, "recovery:discharge": CLINICAL, "recovery:score": CLINICAL, "recovery:addendum": CLINICAL, "recovery:sign": CLINICAL,
    "recovery:incident": {P, O}, "incident-bundle": {P, O},
    "recovery:pdf": {P, N, D, O}, "recovery:appendix": {P, N, D, O},
    "followup:checkpoints": CLINICAL, "followup:decide": {P}, "followup:justify": {P},
    "followup:letter": {P}, "followup:letter-pdf": CLINICAL, "followup:letter-sent": CLINICAL,
    "followup:phone": CLINICAL, "followup:course": CLINICAL, "followup:answer": CLINICAL,
    "pharmacology:person": CLINICAL, "pharmacology:basis": EVERYBODY, "pharmacology:interactions": EVERYBODY, "learn:how-it-works": ANYBODY,
    "safety:screens": CLINICAL, "safety:hold": CLINICAL,
    "portal:thanks": ANYBODY, "portal:check-in": ANYBODY, "portal:chair": ANYBODY,
    "portal:beat": ANYBODY, "portal:device": CLINICAL,
    "offline": ANYBODY, "offline-worker": ANYBODY,
    "demo-restart": set(), "people:demo-sign-in": set(),  # a real clinic refuses them to everybody
}
# fmt: on
STAND_INS = ("none", "1", "phq9", "depression_iv_racemic", "0" * 64, "2026-01-31")
READ_ONLY = 405


def addresses():
    """Yield name and address of every page; each argument is a stand-in, for the role is looked at before the object."""
    for prefix, pattern in walk(get_resolver()):
        name = ":".join([*prefix, pattern.name])
        yield name, address(name, len(pattern.pattern.converters))


def walk(resolver, prefix=()):
    for one in resolver.url_patterns:
        if isinstance(one, URLPattern):
            yield prefix, one
        else:
            yield from walk(one, (*prefix, one.namespace) if one.namespace else prefix)


def address(name, arguments):
    for chosen in itertools.product(STAND_INS, repeat=arguments):
        with suppress(NoReverseMatch, Resolver404):
            found = reverse(name, args=chosen)
            if resolve(found).view_name == name:
                return found
    pytest.fail(f"{name}: no stand-in fits its arguments; add one to STAND_INS")
    return None


def refused(response):
    sent_to_sign_in = response.status_code == 302 and f"{reverse('people:sign-in')}?next=" in response.url
    return response.status_code == 403 or sent_to_sign_in


def test_every_address_is_in_the_table_and_the_table_names_no_other():
    """A new page fails here until the table says who may open it."""
    assert {name for name, _address in addresses()} == set(TABLE)


@pytest.mark.parametrize("role", [None, *Role])
def test_each_role_opens_what_the_table_says_and_nothing_else(role):
    make_clinic()
    client = Client(raise_request_exception=False)
    wrong = []
    for name, where in addresses():
        if role is not None and not client.session.get("_auth_user_id"):
            client.force_login(person(role))
        for method in (client.get, client.post):
            response = method(where)
            if response.status_code != READ_ONLY and refused(response) == (role in allowed(name, method.__name__)):
                wrong.append((name, method.__name__, response.status_code))

    assert wrong == []


def allowed(name, method):
    row = TABLE[name]
    if isinstance(row, Reading):
        return row.writing if method == "post" else row.roles
    return row


def person(role):
    return Staff.objects.filter(role=role).first() or make_staff(role)


def test_a_task_is_done_by_its_owner_s_role_alone(client):
    task = tasks.open_task(key="a", says="Call", owner=Role.PRESCRIBER, due_at=AT, at=AT)
    client.force_login(make_staff(Role.NURSE))

    assert client.post(reverse("tasks:finish", args=[task.pk])).status_code == 404
    assert TaskDone.objects.count() == 0


def test_a_finding_is_resolved_on_its_own_patient_s_page_alone(client):
    one, other = make_patient(), make_patient(given_name="Other")
    finding = Finding(patient=one, code="x", room="safety", says="x", opened_at=AT, opened_by="nils")
    finding.save()
    client.force_login(make_staff(Role.PRESCRIBER))

    wrong = client.post(reverse("plan:finding", args=[other.reference, finding.pk]), {"act": "resolve", "reason": "r"})

    assert wrong.status_code == 404
    assert not hasattr(Finding.objects.get(), "closed")


@pytest.mark.parametrize("name", ["portal:check-in", "portal:chair"])
def test_a_patient_s_link_opens_nothing_without_its_secret(client, name):
    assert client.get(reverse(name, args=["guessed"])).status_code == 404


def test_somebody_whose_access_has_ended_is_out_at_once(client):
    nurse = make_staff(Role.NURSE)
    client.force_login(nurse)
    assert client.get(reverse("chart:board")).status_code == 200
    nurse.is_active = False
    nurse.save()

    assert refused(client.get(reverse("chart:board")))
