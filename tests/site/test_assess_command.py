"""`assess`: a contract that scripts rely on."""

import json
import subprocess
import sys

import pytest

from openketamine.evidence import load, protocols
from openketamine.site import cli

ID = "depression_iv_racemic"


@pytest.fixture
def assess(tmp_path, capsys):
    def ask(body, *options):
        path = tmp_path / "facts.json"
        path.write_text(body if isinstance(body, str) else json.dumps(body))
        code = cli.run(["assess", str(path), "--protocol", ID, *options])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return ask


def rule(out, name):
    return next(one for one in json.loads(out)["rules"] if one["id"] == name)


def test_one_line_with_summary_rules_and_what_to_ask(assess):
    code, out, err = assess({"facts": {"age_years": 17, "resting_systolic": 150, "stroke_or_tia": None}})
    answer = json.loads(out)

    assert (code, err, out.count("\n")) == (0, "", 1)
    assert list(answer) == ["summary", "rules", "ask", "protocol", "evidence_sha256"]
    assert (answer["summary"], answer["protocol"]) == ("absolute", ID)
    assert answer["evidence_sha256"] == load.sha256(protocols.protocol_text(ID))
    assert "stroke_or_tia" in answer["ask"]
    assert "age_years" not in answer["ask"]
    assert rule(out, "age_adult") == {
        "id": "age_adult", "outcome": "absolute", "value": 17, "threshold": 18, "source": "fava2018", "grade": "trial criterion",
        "message": "exclusion criterion present: younger than 18 years: outside the ages studied",
    }  # fmt: skip
    assert (rule(out, "systolic_raised")["outcome"], rule(out, "systolic_too_high")["outcome"]) == ("relative", "pass")


def test_every_rule_names_a_source_and_a_grade(assess):
    rules = json.loads(assess({"facts": {}})[1])["rules"]

    assert rules
    assert all(one["source"] in load.sources() and one["grade"] != "ungraded" for one in rules)


def test_the_same_facts_give_the_same_bytes(assess):
    asked = {"facts": {"age_years": 40, "current_mania": False}}

    assert assess(asked)[1] == assess(asked)[1]


def test_a_date_of_birth_is_counted_on_the_day_asked(assess):
    facts = {"facts": {"age_years": "2008-03-02"}}

    assert rule(assess(facts, "--on", "2026-03-01")[1], "age_adult")["value"] == 17
    assert rule(assess(facts, "--on", "2026-03-02")[1], "age_adult")["outcome"] == "pass"
    assert "come with the date" in assess(facts)[2]


def test_facts_are_listed_with_their_questions(capsys):
    assert cli.run(["assess", "--protocol", ID, "--list-facts"]) == 0
    lines = {row["code"]: row for row in map(json.loads, capsys.readouterr().out.splitlines())}

    assert lines["resting_systolic"] == {
        "code": "resting_systolic", "kind": "number", "unit": "mm[Hg]", "question": "What is the systolic blood pressure at rest?",
        "choices": [], "low": 50, "high": 300, "dated": False, "group": "measured",
    }  # fmt: skip
    assert lines["hepatic_impairment"]["choices"] == ["none", "mild", "moderate", "severe"]
    assert (lines["porphyria"]["kind"], lines["porphyria"]["unit"]) == ("boolean", None)


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ({"facts": {"colour": "red"}}, "facts.colour: unknown fact"),
        ({"facts": {"age_years": "old"}}, "facts.age_years = 'old': must be a number"),
        ({"facts": {"age_years": True}}, "facts.age_years = True: must be a number"),
        ({"facts": {"age_years": -1}}, "facts.age_years = -1: must be from 0 to 120 a"),
        ({"facts": {"pregnant": 1}}, "facts.pregnant = 1: must be true or false"),
        ({"facts": {"hepatic_impairment": "bad"}}, "facts.hepatic_impairment = 'bad': must be one of none, mild"),
        ('{"facts": {"age_years": NaN}}', "NaN: is not a number"),
        ('{"facts": {"age_years": 1e999}}', "facts.age_years = inf: must be from 0 to 120 a"),
        ('{"facts": {"age_years": 4, "age_years": 5}}', "age_years: given twice"),
        ({"facts": []}, "facts: must be an object"),
        ({}, "facts: missing"),
        ({"facts": {}, "more": 1}, "more: unknown key"),
        ("[]", "must be a JSON object"),
    ],
)
def test_bad_input_is_one_line_that_names_field_value_and_limit(assess, body, line):
    code, out, err = assess(body)

    assert (code, out, err.count("\n")) == (2, "", 1)
    assert line in err


@pytest.mark.parametrize(
    ("argv", "line"),
    [
        (["assess", "x.json"], "--protocol"),
        (["assess", "--protocol", ID], "FACTS.json is missing"),
        (["assess", "x.json", "--protocol", "mine"], "--protocol = 'mine': must be one of anxiety, "),
        (["assess", "x.json", "--protocol", ID, "--on", "today"], "today: must be a date"),
    ],
)
def test_arguments_that_cannot_be_are_bad_input(argv, line, capsys):
    assert cli.run(argv) == 2
    assert line in capsys.readouterr().err


def test_it_runs_without_django():
    watched = "import sys; from openketamine.site import cli; cli.run(sys.argv[1:]); sys.exit('django' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", watched, "assess", "--protocol", ID, "--list-facts"], capture_output=True, check=False
    )

    assert done.returncode == 0


def test_check_evidence_finds_a_worked_example_that_does_not_hold(monkeypatch, capsys):
    changed = protocols.protocol_text(ID).replace('threshold = 18\nunit = "a"', 'threshold = 21\nunit = "a"')
    real = protocols.protocol
    monkeypatch.setattr(
        protocols, "protocol", lambda name: protocols.parse_protocol(changed) if name == ID else real(name)
    )

    assert cli.run(["check-evidence"]) == 1
    faults = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert faults[0]["fault"] == (
        f"protocols/{ID}.toml: rule age_adult: example {{'age_years': 18}} says absolute, expected pass"
    )
    assert faults[-1]["faults"] == 1
