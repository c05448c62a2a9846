"""A clinic chooses on which scale sedation is observed: MOAA/S as it ships, or RASS. A session shows the one that its protocol names."""

from decimal import Decimal

import pytest
from django.urls import reverse
from tests.builders import AT
from tests.clinic.journey.steps import checked, go_to, planned, seated, started

from openketamine.clinic.infusion import queries
from openketamine.clinic.monitoring.models import AlarmEvent, Reading
from openketamine.clinic.plan import regimens
from openketamine.clinic.recovery import queries as recovery
from openketamine.clinic.recovery.appendix import rows
from openketamine.clinic.recovery.record import record
from openketamine.doors.fhir.vitals import reading_to_fhir

pytestmark = pytest.mark.django_db
NAME = "depression_iv_racemic"


def sign(**levels):
    after = {f"recovery.rass_{end}": Decimal(level) for end, level in levels.items()}
    return regimens.sign_version(
        name=NAME, after=after, second_check="at_the_draw", sedation_scale="rass", reason="", signed_name="Ada Example", by="ada", at=AT
    )  # fmt: skip


def sitting(nurse, prescriber, patient):
    planned(prescriber, patient)
    return seated(nurse, patient)


def stopped(nurse, prescriber, patient, now):
    infusion = sitting(nurse, prescriber, patient)
    started(nurse, infusion)
    go_to(now, 28)
    nurse.post("infusion:record", infusion.reference, kind="stopped", delivered_ml="70")
    return infusion


@pytest.fixture
def infusion(clinic, nurse, prescriber, patient, now):
    """A session of a clinic that uses RASS."""
    sign()
    return sitting(nurse, prescriber, patient)


@pytest.fixture
def infused(clinic, nurse, prescriber, patient, now):
    """The same, over after 28 minutes; which levels count as fully awake is not set."""
    sign()
    return stopped(nurse, prescriber, patient, now)


def awake(infusion, now):
    return next(one for one in recovery.criteria(infusion, at=now["at"]) if one.id == "awake")


def observed(nurse, infusion, value):
    return nurse.post("infusion:observe", infusion.reference, signal="rass", value=value)


def test_sheet_and_taps_offer_the_ten_levels_of_rass_and_no_other_scale_of_sedation(nurse, infusion):
    page = nurse.get("infusion:chair", infusion.reference).text
    taps = page.partition("<summary>Sedation (RASS)</summary>")[2].partition("</details>")[0]

    assert [
        taps.count(f">{level}</button>") for level in ("-5", "-4", "-3", "-2", "-1", "0", "+1", "+2", "+3", "+4")
    ] == [1] * 10
    assert 'name="rass"' in nurse.get("infusion:check", infusion.reference).text
    assert "MOAA/S" not in page
    assert "moaas" not in nurse.get("infusion:check", infusion.reference).text


def test_levels_below_0_are_taken_and_what_the_scale_has_not_is_refused(nurse, infusion):
    observed(nurse, infusion, "-2")
    nurse.post("infusion:check", infusion.reference, rass="-1")

    assert [observed(nurse, infusion, wrong).status_code for wrong in ("-6", "5", "+1", "", "--1")] == [422] * 5
    assert nurse.post("infusion:observe", infusion.reference, signal="moaas", value="5").status_code == 422
    assert nurse.post("infusion:check", infusion.reference, rass="-6").status_code == 422
    assert [(row.signal, row.value, row.unit) for row in Reading.objects.filter(source="typed")] == [
        ("rass", -2.0, "{score}"), ("rass", -1.0, "{score}"),
    ]  # fmt: skip


def test_a_level_is_shown_with_its_sign_where_it_can_be_taken_back(nurse, infusion):
    observed(nurse, infusion, "2")

    assert "sedation (RASS) +2" in " ".join(nurse.get("infusion:live", infusion.reference).text.split())


def test_a_check_asks_for_rass_and_so_does_a_charted_sedative(nurse, infusion, now):
    started(nurse, infusion)
    go_to(now, 10)
    checked(nurse, infusion, heart_rate=72, spo2=97, respiratory_rate=14)
    assert "sedation (RASS), distress, nausea" in nurse.get("infusion:chair", infusion.reference).text
    nurse.post("infusion:check", infusion.reference, rass="0", distress=2, nausea=0)
    assert queries.dues(infusion, queries.course_of(infusion), now["at"])[1].done

    nurse.post("infusion:record", infusion.reference, kind="drug_given", says="midazolam", dose="1 mg i.v.")
    go_to(now, 15)
    due = queries.most_pressing(queries.dues(infusion, queries.course_of(infusion), now["at"]))
    assert due.missing == ("spo2", "respiratory_rate", "rass")


def test_until_the_clinic_has_set_levels_a_nurse_looks_at_a_level_of_now_and_says_so(nurse, infused, now):
    nurse.post("recovery:tick", infused.reference, criterion="awake", met="yes")
    assert awake(infused, now).standing.value == "not known"

    go_to(now, 29)
    observed(nurse, infused, "0")
    assert (awake(infused, now).standing.value, awake(infused, now).how) == ("not known", "RASS 0 (09:29)")
    assert "which levels of RASS count is not set by your clinic" in nurse.get("recovery:panel", infused.reference).text

    go_to(now, 30)
    nurse.post("recovery:tick", infused.reference, criterion="awake", met="yes", note="talks as before")
    assert (awake(infused, now).standing.value, awake(infused, now).how) == (
        "met",
        "RASS 0 (09:29), nils talks as before",
    )

    go_to(now, 31)
    observed(nurse, infused, "-1")
    assert awake(infused, now).standing.value == "not known"


def test_a_look_at_a_level_that_is_too_old_no_longer_counts(nurse, infused, now):
    observed(nurse, infused, "0")
    nurse.post("recovery:tick", infused.reference, criterion="awake", met="yes")
    go_to(now, 60)

    assert (awake(infused, now).standing.value, awake(infused, now).how) == (
        "not known",
        "RASS 0 (09:28): measure again",
    )


@pytest.mark.parametrize(
    ("level", "standing"), [("-2", "not met"), ("-1", "met"), ("0", "met"), ("1", "not met"), ("4", "not met")]
)
def test_levels_that_the_clinic_has_set_decide_on_both_sides(nurse, prescriber, patient, now, level, standing):
    sign(**{"from": -1, "to": 0})
    infusion = stopped(nurse, prescriber, patient, now)
    observed(nurse, infusion, level)

    found = awake(infusion, now)
    assert (found.standing.value, found.threshold) == (standing, "RASS -1 to 0, as your clinic has set it")
    assert "set by Ada Example on 2026-03-02" in found.sources[0]


def test_a_session_keeps_the_scale_that_its_course_was_planned_with(nurse, prescriber, patient, now):
    infusion = sitting(nurse, prescriber, patient)
    sign()

    assert observed(nurse, infusion, "0").status_code == 422
    assert "Awake (MOAA/S)" in nurse.get("infusion:chair", infusion.reference).text


def test_no_rule_on_rass_ships_and_the_chair_names_those_of_its_own_scale(nurse, infusion):
    observed(nurse, infusion, "-5")
    page = nurse.get("infusion:live", infusion.reference).text

    assert AlarmEvent.objects.count() == 0
    assert "no sedation rule on RASS set by your clinic" in page
    assert "no agitation rule on RASS set by your clinic" in page
    assert "no sedation rule set by your clinic" not in page


def test_a_number_that_the_clinic_has_set_on_rass_is_an_alarm_until_the_level_is_back(nurse, prescriber, patient, now):
    sign()
    prescriber.post("monitoring:rules", agitation_rass="1", sedation_rass="-2")
    infusion = sitting(nurse, prescriber, patient)
    for level in ("0", "2", "1", "-3", "-2"):
        observed(nurse, infusion, level)

    assert [(event.rule, event.state) for event in AlarmEvent.objects.order_by("pk")] == [
        ("agitation_rass", "raised"), ("agitation_rass", "cleared"), ("sedation_rass", "raised"), ("sedation_rass", "cleared"),
    ]  # fmt: skip


def test_the_chart_as_a_table_has_the_last_level_of_each_five_minutes_and_so_has_the_session_played_again(
    nurse, infusion, now
):
    started(nurse, infusion)
    for minute, level in ((1, "-2"), (3, "1"), (11, "0")):
        go_to(now, minute)
        observed(nurse, infusion, level)
    nurse.post("infusion:observe", infusion.reference, signal="distress", value="4")

    table = nurse.get("infusion:grid", infusion.reference).text
    assert "<td>sedation (RASS) +1</td>" in table
    assert "<td>sedation (RASS) 0, distress 4</td>" in table
    assert "-2" not in table.partition("<tbody>")[2]
    nurse.post("infusion:record", infusion.reference, kind="stopped", delivered_ml="20")
    nurse.post("infusion:record", infusion.reference, kind="left", says="went home")
    assert (
        "sedation (RASS) +1"
        in nurse.client.get(reverse("infusion:training-grid", args=[infusion.reference]), {"s": 480}).text
    )


def test_record_appendix_and_export_carry_the_level_under_its_own_name(nurse, infusion):
    observed(nurse, infusion, "-2")
    row = Reading.objects.get(signal="rass")

    assert [(one["signal"], one["value"], one["unit"]) for one in record(infusion)["checks"]] == [
        ("rass", -2.0, "{score}")
    ]
    typed = dict(rows(infusion)["tables"])["Typed values and cuffs"]
    assert typed[0][1:4] == ["rass", "-2", "{score}"]
    written = reading_to_fhir(row, subject="Patient/p")
    assert written["code"]["coding"][0] == {"system": "urn:openketamine:signal", "code": "rass"}
    assert (written["valueQuantity"]["value"], written["valueQuantity"]["code"]) == (Decimal(-2), "{score}")


def test_a_prescriber_chooses_the_scale_on_the_page_of_the_protocol_and_both_levels_or_none(prescriber, clinic, now):
    asked = {one.name: "" if one.value is None else str(one.value) for one in regimens.in_force(NAME).rules.numbers}
    asked |= {"second_check": "at_the_draw", "sedation_scale": "rass", "reason": ""}
    half = prescriber.post("plan:regimen", NAME, **{**asked, "recovery.rass_from": "-1"})
    assert half.status_code == 422
    assert "set both levels, the lower one first, or neither" in half.text
    assert prescriber.post("plan:regimen", NAME, **{**asked, "recovery.rass_from": "-6"}).status_code == 422

    prescriber.post("plan:regimen", NAME, **{**asked, "recovery.rass_from": "-1", "recovery.rass_to": "0"})
    version = regimens.in_force(NAME)
    assert (version.rules.sedation.value, version.rules.recovery.rass_awake) == ("rass", (-1.0, 0.0))
    assert "sedation scale: moaas → rass" in version.version.changes
    assert "RASS, -5 to +4" in prescriber.get("plan:regimen", NAME).text
