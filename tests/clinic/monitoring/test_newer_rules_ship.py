"""A clinic that signed its alarm rules before newer ones shipped keeps its own until it signs anew, and is told so in plain words."""

import pytest
from django.urls import reverse
from tests.builders import AT

from openketamine.clinic.audit import texts
from openketamine.clinic.monitoring import limits
from openketamine.clinic.monitoring.models import Chair, ClinicLimits
from openketamine.evidence import load

pytestmark = pytest.mark.django_db
CUFF_NOW = """signal = "nibp_systolic"
value = 600
unit = "s"
stream_s = 10
"""
CUFF_THEN = """signal = "nibp_systolic"
value = 660
unit = "s"
"""


@pytest.fixture
def signed_then(prescriber, now):
    """A slow heart below 48 was signed when the cuff was still missed after a fixed eleven minutes, and no rule on RASS could be set."""
    text = load.text("limits", "vital_signs")
    assert CUFF_NOW in text
    before, _, rest = text.replace(CUFF_NOW, CUFF_THEN).partition('[[unset]]\nid = "sedation_rass"')
    then = before + "[[unset]]" + rest.partition("[[unset]]")[2].partition("[[unset]]")[2]
    kept = texts.keep("limits", "vital_signs", text=then, at=AT)
    row = ClinicLimits(sha256=kept, based_on_sha256=kept, numbers={"hr_low": 48}, reason="ours", at=AT, by="ada")
    row.save()
    return prescriber


@pytest.fixture
def chair(clinic):
    return Chair.objects.create(name="Chair 1")


def plain(answer):
    return " ".join(answer.text.replace("<b>", "").replace("</b>", "").split())


def test_the_chair_s_readiness_and_the_rules_say_that_newer_ones_ship_and_what_differs(signed_then, nurse, chair):
    for page in (plain(nurse.get("infusion:readiness", chair.pk)), plain(signed_then.get("monitoring:rules"))):
        assert "Newer alarm rules ship than those your clinic has signed." in page
        assert "new: no sedation rule on RASS set by your clinic" in page
        assert "new: no agitation rule on RASS set by your clinic" in page
        assert "(cuff_missing) value 660 → 600, stream_s — → 10" in page
    assert f'href="{reverse("monitoring:rules")}"' in nurse.get("infusion:readiness", chair.pk).text


def test_nothing_else_is_said_to_differ(signed_then):
    assert {one.rule for one in limits.newer()} == {"cuff_missing", "sedation_rass", "agitation_rass"}


def test_the_old_rules_count_until_they_are_signed_anew_and_the_own_numbers_are_kept(signed_then, nurse, chair):
    assert "value = 660" in limits.in_force().text
    form = signed_then.get("monitoring:rules").context["form"]
    shown = {name: form[name].value() for name in form.fields if form[name].value() not in {None, ""}}

    signed_then.post("monitoring:rules", **shown)

    assert CUFF_NOW in limits.in_force().text
    assert ClinicLimits.objects.first().numbers == {"hr_low": 48.0}
    assert limits.newer() == ()
    assert "Newer alarm rules" not in nurse.get("infusion:readiness", chair.pk).text


def test_who_has_signed_what_ships_now_or_nothing_is_told_nothing(prescriber, nurse, chair, now):
    assert "Newer alarm rules" not in nurse.get("infusion:readiness", chair.pk).text
    prescriber.post("monitoring:rules", hr_low="48")

    assert limits.newer() == ()
    assert "Newer alarm rules" not in prescriber.get("monitoring:rules").text
