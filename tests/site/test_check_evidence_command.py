"""`check-evidence` finds what it is there to find."""

import json

import pytest

from openketamine.evidence import load
from openketamine.site import cli
from openketamine.site.commands import check_evidence


def test_the_evidence_as_it_stands_has_no_fault(capsys):
    assert cli.run(["check-evidence"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["faults"] == 0


@pytest.mark.parametrize(
    ("toml", "fault"),
    [
        ("id = 'x'\n[a]\nvalue = 1\nunit = 'kg'", "has no cite"),
        (
            "id = 'x'\n[a]\nvalue = 1\ncite = { source = 'nobody', locus = 'p. 1', mark = 'read' }",
            "'nobody' is not in sources.toml",
        ),
        (
            "id = 'x'\n[a]\nvalue = 1\ncite = { source = 'kamp2020', locus = '', mark = 'read' }",
            "names its source and the locus",
        ),
        (
            "id = 'x'\n[a]\nvalue = 1\ncite = { source = 'kamp2020', locus = 'p. 1', mark = 'remembered' }",
            "'remembered'",
        ),
        ("id = 'x'\n[[a]]\n[[a.b]]\nvalue = 1", "has no cite"),
        ("id = 'y'", "is not the file's name"),
        ("id = ", "x.toml"),
    ],
)
def test_a_fault_is_named(tmp_path, monkeypatch, toml, fault):
    (tmp_path / "limits").mkdir()
    (tmp_path / "limits" / "x.toml").write_text(toml)
    load.sources()
    monkeypatch.setattr(load, "FOLDER", tmp_path)

    assert fault in " ".join(check_evidence.faults_of("limits", "x"))


def test_rule_text_that_gives_an_order_is_refused():
    with pytest.raises(load.EvidenceError, match="order verb"):
        load.not_an_order("Stop the infusion", "rule")

    assert load.not_an_order("SpO2 is low: options follow", "rule") == "SpO2 is low: options follow"
