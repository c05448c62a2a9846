"""A drug that does not add up keeps the record open, never the person here; after the signature there are addenda only."""

import re

import pytest
from tests.clinic.journey.steps import phase

from openketamine.clinic.audit.models import ImmutableError
from openketamine.clinic.infusion.models import InfusionEvent
from openketamine.clinic.ledger import actions as ledger
from openketamine.clinic.recovery import actions
from openketamine.clinic.recovery.actions import digest_of
from openketamine.clinic.recovery.keys import holds
from openketamine.clinic.recovery.models import Addendum, Signature

pytestmark = pytest.mark.django_db


def test_an_unbalanced_drug_blocks_locking_and_never_leaving(nurse, gone):
    assert not ledger.balance(gone.reference).closes
    assert phase(nurse, gone) == "discharged"

    refused = nurse.post("recovery:sign", gone.reference)

    assert "10.5 mg are not accounted for" in refused.text
    assert Signature.objects.count() == 0


def test_before_the_signature_there_is_nothing_to_add_to(nurse, gone):
    answer = nurse.post("recovery:addendum", gone.reference, text="The pump stood at 70 mL", reason="read later")

    assert "is not signed yet" in answer.text
    assert Addendum.objects.count() == 0


def test_an_addendum_stands_below_the_record_and_what_was_signed_stays(nurse, signed):
    before = Signature.objects.get()

    nurse.post("recovery:addendum", signed.reference, text="She felt cold at minute 20", reason="remembered", event="3")

    after, added = Signature.objects.get(), Addendum.objects.get()
    assert (after.record, after.digest, after.signature) == (before.record, before.digest, before.signature)
    assert digest_of(after.record) == after.digest
    assert holds(after.public_key, after.signature, after.digest)
    assert (added.by, added.event, added.signed_digest) == ("nils", 3, after.digest)
    assert "She felt cold at minute 20" in nurse.get("recovery:panel", signed.reference).text


@pytest.mark.parametrize(("text", "reason"), [("", "remembered"), ("She felt cold", ""), (" ", " ")])
def test_an_addendum_without_words_or_reason_is_refused(nurse, signed, text, reason):
    answer = nurse.post("recovery:addendum", signed.reference, text=text, reason=reason)

    assert answer.status_code == 422
    assert Addendum.objects.count() == 0


def test_an_addendum_whose_form_arrives_twice_is_written_once_and_two_forms_are_two(nurse, left, now):
    actions.sign(infusion=left, by="nils", at=now["at"], now=now["at"], explained=actions.Explained("spilt", "ada"))
    said = {"text": "She felt cold", "reason": "remembered"}
    keys = [
        re.search(r'name="key" value="(\w+)"', nurse.get("recovery:addendum", left.reference).text)[1] for _ in "12"
    ]

    first, again = (nurse.post("recovery:addendum", left.reference, key=keys[0], **said) for _ in "12")
    assert (first.status_code, again.status_code, Addendum.objects.count()) == (200, 200, 1)

    nurse.post("recovery:addendum", left.reference, key=keys[1], **said)
    assert Addendum.objects.count() == 2


def test_an_addendum_that_was_refused_is_taken_when_its_form_comes_again_with_what_was_missing(nurse, left, now):
    actions.sign(infusion=left, by="nils", at=now["at"], now=now["at"], explained=actions.Explained("spilt", "ada"))
    refused = nurse.post("recovery:addendum", left.reference, key="one", text="She felt cold", reason="")
    assert 'name="key" value="one"' in refused.text
    assert "She felt cold" in refused.text

    nurse.post("recovery:addendum", left.reference, key="one", text="She felt cold", reason="remembered")
    assert Addendum.objects.get().reason == "remembered"


def test_an_addendum_names_an_event_that_is_there(nurse, signed):
    answer = nurse.post("recovery:addendum", signed.reference, text="She felt cold", reason="remembered", event="99")

    assert "Event 99: is not in this record" in answer.text


def test_an_addendum_is_never_edited(nurse, signed):
    nurse.post("recovery:addendum", signed.reference, text="She felt cold", reason="remembered")
    row = Addendum.objects.get()
    row.text = "She felt warm"

    with pytest.raises(ImmutableError):
        row.save()


def test_a_correction_after_the_signature_leads_to_an_addendum(nurse, signed):
    events = InfusionEvent.objects.count()

    answer = nurse.post("infusion:correct", signed.reference, 3, kind="started", rate_ml_per_h="75", says="wrong pump")

    assert "Addendum to a record" in answer.text
    assert 'value="3"' in answer.text
    assert InfusionEvent.objects.count() == events
