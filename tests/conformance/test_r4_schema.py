"""The measure itself: HL7's own examples hold, and what R4 forbids is found."""

import pytest
from tests.conformance.r4 import examples, faults


@pytest.mark.parametrize("name", sorted(examples()))
def test_an_official_example_holds(name):
    assert faults(examples()[name]) == []


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"status": "bogus"}, "status"),
        ({"status": None}, "status"),
        ({"made_up": 1}, "made_up"),
        ({"effectiveDateTime": "yesterday"}, "effectiveDateTime"),
        ({"component": []}, "component"),
        ({"subject": {"reference": 5}}, "subject.reference"),
    ],
)
def test_what_r4_forbids_is_found(changes, fault):
    assert any(fault in one for one in faults({**examples()["Observation-blood-pressure"], **changes}))


@pytest.mark.parametrize("element", ["status", "code"])
def test_a_missing_element_is_found(element):
    resource = {name: value for name, value in examples()["Observation-blood-pressure"].items() if name != element}

    assert any(element in one for one in faults(resource))
