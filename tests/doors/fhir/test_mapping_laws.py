"""What is written reads back the same, and holds against R4's own schema."""

from datetime import date, datetime
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.conformance.r4 import examples, faults

from openketamine.clinic.people.history import Person, Statement
from openketamine.clinic.people.models import HistoryKind, Sex
from openketamine.doors.fhir import allergy, condition, medication, observation, patient
from openketamine.doors.fhir.values import dumps, loads

SUBJECT = "urn:uuid:00000000-0000-4000-8000-000000000000"
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=40)
CODES = st.from_regex(r"[A-Za-z0-9.-]{1,20}", fullmatch=True)
SYSTEMS = st.sampled_from(["http://loinc.org", "http://snomed.info/sct", "urn:oid:1.2.3"])
DATES = st.one_of(
    st.dates(date(1900, 1, 1)).map(lambda day: day.isoformat()),
    st.integers(1900, 2026).map(str),
    st.datetimes(datetime(1900, 1, 1)).map(lambda at: at.replace(microsecond=0).isoformat() + "Z"),
)
NUMBERS = st.decimals(min_value=-999, max_value=99999, places=2).map(lambda number: f"{number:f}")
VALUES = st.one_of(NUMBERS, st.tuples(st.sampled_from(["<", "<=", ">", ">="]), NUMBERS).map("".join))
UNITS = st.sampled_from(["mm[Hg]", "kg", "/min", "%", "{score}", "mg/dL"])


def optional(strategy):
    return st.just("") | strategy


def statement(kind, status, **more):
    fields = {"words": WORDS, "system": SYSTEMS, "code": CODES, "status": status, "since": optional(DATES), **more}
    return st.builds(Statement, kind=st.just(kind), key=st.just("key"), **fields)


def back(resource):
    """The resource as another system would read it: through JSON."""
    return loads(dumps(resource))


def standing(clinical):
    verified = st.sampled_from(
        ["", "confirmed", "provisional"] if "recurrence" in clinical else ["", "confirmed", "unconfirmed"]
    )
    return st.tuples(st.sampled_from(clinical), verified).map(lambda pair: "/".join(filter(None, pair)))


@given(statement(HistoryKind.CONDITION, standing(["active", "recurrence", "resolved"]), until=optional(DATES)))
@settings(deadline=None)
def test_a_condition(said):
    written = condition.to_fhir(said, resource_id="c-1", subject=SUBJECT)

    assert condition.from_fhir(back(written), "key") == said
    assert faults(written) == []


@given(statement(HistoryKind.ALLERGY, standing(["active", "inactive"]), value=optional(WORDS)))
@settings(deadline=None)
def test_an_allergy(said):
    written = allergy.to_fhir(said, resource_id="a-1", subject=SUBJECT)

    assert allergy.from_fhir(back(written), "key") == said
    assert faults(written) == []


@given(statement(HistoryKind.MEDICATION, st.sampled_from(["active", "completed", "stopped", "on-hold"]), value=optional(WORDS), until=optional(DATES)))  # fmt: skip
@settings(deadline=None)
def test_a_medicine(said):
    written = medication.to_fhir(said, resource_id="m-1", subject=SUBJECT)

    assert medication.from_fhir(back(written), "key", lambda *_: {}) == said
    assert faults(written) == []


@given(statement(HistoryKind.OBSERVATION, st.sampled_from(["final", "amended"]), value=VALUES, unit=UNITS, until=optional(DATES)))  # fmt: skip
@settings(deadline=None)
def test_a_value_with_its_unit(said):
    written = observation.to_fhir(said, resource_id="o-1", subject=SUBJECT)

    assert list(observation.from_fhir(back(written), "key")) == [said]
    assert faults({**written, "valueQuantity": {**written["valueQuantity"], "value": 1}}) == []


@given(statement(HistoryKind.OBSERVATION, st.just("final"), value=WORDS))
@settings(deadline=None)
def test_a_value_in_words(said):
    assert list(observation.from_fhir(back(observation.to_fhir(said, resource_id="o-1", subject=SUBJECT)), "key")) == [
        said
    ]


@given(st.builds(
    Person, WORDS, WORDS, st.none() | st.dates(date(1900, 1, 1)), st.sampled_from(Sex), optional(CODES),
    st.lists(st.tuples(SYSTEMS, CODES), max_size=2, unique=True).map(tuple),
))  # fmt: skip
@settings(deadline=None)
def test_a_person(person):
    written = patient.to_fhir(person, resource_id="p-1")

    assert patient.from_fhir(back(written)) == person
    assert faults(written) == []


def test_a_decimal_keeps_its_digits():
    assert dumps({"value": Decimal("0.50")}) == '{"value":0.50}'
    assert loads('{"value":0.50}')["value"].as_tuple() == Decimal("0.50").as_tuple()


def test_official_examples_are_read():
    found = examples()
    pressure = list(observation.from_fhir(back(found["Observation-blood-pressure"]), "key"))

    assert [(one.code, one.value) for one in pressure] == [("8480-6", "107"), ("8462-4", "60")]
    assert condition.from_fhir(back(found["Condition-example"]), "key").words == "Burnt Ear"
    assert allergy.from_fhir(back(found["AllergyIntolerance-example"]), "key").words == "Cashew nuts"
