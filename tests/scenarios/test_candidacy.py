"""Whole patients, JSON in and JSON out: what `assess` says of each, expected by hand from the evidence that the file names."""

import json
from pathlib import Path

import pytest

from openketamine.evidence.protocols import protocol, protocol_ids
from openketamine.site import cli

FOLDER = Path(__file__).parent / "candidacy"
PATIENTS = sorted(FOLDER.glob("*/*.json"))
DEFAULT = "depression_iv_racemic"


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", PATIENTS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_worked_patient(path, tmp_path, capsys):
    patient = read(path)
    facts = tmp_path / "facts.json"
    facts.write_text(json.dumps({"facts": patient["facts"]}))

    assert cli.run(["assess", str(facts), "--protocol", patient["protocol"], "--on", patient["on"]]) == 0
    answer = json.loads(capsys.readouterr().out)
    not_met = {rule["id"]: rule["outcome"] for rule in answer["rules"] if rule["outcome"] != "pass"}
    assert (answer["summary"], not_met) == (patient["expect"]["summary"], patient["expect"]["not_met"])
    assert bool(answer["ask"]) == ("ask" in not_met.values())


def test_every_indication_has_somebody_included_somebody_excluded_and_somebody_nobody_asked():
    said = {(read(path)["protocol"], read(path)["expect"]["summary"]) for path in PATIENTS}

    assert len(PATIENTS) >= 60
    assert {(name, word) for name in protocol_ids() for word in ("include", "ask")} <= said
    assert {name for name, word in said if word == "relative"} == set(protocol_ids())


@pytest.mark.parametrize("outcome", ["counts against", "asks"])
def test_every_rule_of_every_protocol_is_met_by_somebody(outcome):
    words = {"ask"} if outcome == "asks" else {"absolute", "relative"}
    seen = {
        rule for path in PATIENTS for rule, found in read(path)["expect"]["not_met"].items() if found in words
    }  # fmt: skip

    assert {rule.id for name in protocol_ids() for rule in protocol(name).rules} - seen == set()
