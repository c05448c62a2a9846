"""The clinic of the journeys, and a person who has had an infusion."""

from decimal import Decimal

import pytest
from tests.builders import AT
from tests.clinic.journey.steps import checked, go_to, looked_at, planned, seated, started

from openketamine.clinic.plan import regimens

ALDRETE = dict.fromkeys(("activity", "breathing", "circulation", "consciousness", "oxygen"), "2")


@pytest.fixture
def infused(nurse, prescriber, patient, now):
    """35 mg drawn; stopped at 28 minutes with 70 mL delivered: 24.5 mg."""
    planned(prescriber, patient)
    infusion = seated(nurse, patient)
    started(nurse, infusion)
    go_to(now, 28)
    nurse.post("infusion:record", infusion.reference, kind="stopped", delivered_ml="70")
    return infusion


@pytest.fixture
def an_hour_after_a_sedative(db):
    """The clinic has set 60 minutes of observation after a sedative before anybody is planned."""
    return regimens.sign_version(
        name="depression_iv_racemic", after={"recovery.observation_after_sedative": Decimal(60)}, second_check="at_the_draw",
        reason="", signed_name="Ada Example", by="ada", at=AT,
    )  # fmt: skip


@pytest.fixture
def half_an_hour_from_the_end(db):
    """The clinic has set 30 minutes of observation from the end of a later session before anybody is planned."""
    return regimens.sign_version(
        name="depression_iv_racemic", after={"recovery.observation_from_end": Decimal(30)}, second_check="at_the_draw",
        reason="", signed_name="Ada Example", by="ada", at=AT,
    )  # fmt: skip


@pytest.fixture
def gone(nurse, infused, now):
    """The same person, gone home with everything met; 10.5 mg are not accounted for."""
    go_to(now, 150)
    checked(nurse, infused, 126, 76, spo2="97", moaas="5", oxygen="air")
    looked_at(nurse, infused)
    nurse.post("recovery:score", infused.reference, instrument="aldrete", **ALDRETE)
    nurse.post("recovery:discharge", infused.reference, escort="Escort Example")
    return infused


@pytest.fixture
def signed(nurse, gone):
    """The same, signed: somebody said before a witness why the drug does not add up."""
    nurse.post(
        "recovery:sign", gone.reference, why="left in the syringe", second="ada", password="a long enough phrase"
    )
    return gone
