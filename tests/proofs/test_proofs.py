"""Every proof at its small size; what they write; and that pages print nothing else."""

import json

import pytest
from scripts import proof
from tests.proofs import registry

ALL = registry.every()


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] if one.slow else []) for name, one in ALL.items()]
)
def test_the_claim_holds_at_the_small_size(name):
    try:
        figures = ALL[name].figures(ALL[name].small)
    except registry.Unavailable as missing:
        pytest.skip(f"{name}: {missing}")

    assert figures
    assert json.loads(json.dumps(figures)) == figures


def test_a_proof_is_written_with_all_that_is_needed_to_repeat_it(tmp_path):
    proof.main(["closed_form", "--small", "--out", str(tmp_path)])

    written = json.loads((tmp_path / "closed_form.json").read_text())
    assert written.keys() == {
        "proof", "claim", "command", "size", "seed", "commit", "machine", "finished_at", "duration_s", "figures"
    }  # fmt: skip
    assert written["size"] == ALL["closed_form"].small
    assert len(written["commit"].split("+")[0]) == 40


def test_a_claim_that_fails_writes_nothing_and_is_named(tmp_path, capsys, monkeypatch):
    def wrong(_rng, **_size):
        raise AssertionError("1.5 is more than 1")

    monkeypatch.setitem(registry.REGISTRY, "wrong", registry.Proof("wrong", "", wrong, 1, {}, {}))

    assert proof.main(["wrong", "--small", "--out", str(tmp_path)]) == 1
    assert "wrong: the claim does not hold: 1.5 is more than 1" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("more", "code"), [([], 0), (["--strict"], 1)])
def test_what_cannot_be_run_is_said_and_fails_only_where_it_is_demanded(more, code, capsys, monkeypatch):
    def without_peer(_rng, **_size):
        raise registry.Unavailable("the peer is not installed")

    monkeypatch.setitem(registry.REGISTRY, "beside", registry.Proof("beside", "", without_peer, 1, {}, {}))

    assert proof.main(["beside", "--small", *more]) == code
    assert "beside: not run: the peer is not installed" in capsys.readouterr().err


def test_an_unknown_name_is_one_line(capsys):
    assert proof.main(["nothing"]) == 2
    assert capsys.readouterr().err.startswith("proof: nothing: no such proof; there are: ")
