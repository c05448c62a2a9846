"""The same population on two workers of a Dask cluster: the same bytes."""

import json

import pytest

from openketamine.core.pharmacology import bands
from openketamine.site import cli
from openketamine.site.commands import cluster

distributed = pytest.importorskip("distributed", reason="the optional extra `distributed` (dask) is not installed")

REQUEST = {
    "model": "kamp2020_racemic", "patient": {"weight_kg": 70}, "times_min": [20, 40, 90],
    "doses": [{"route": "iv", "start_min": 0, "amount_mg": 35, "duration_min": 40}],
    "population": {"n": 3 * 4096 + 17, "seed": 5}, "effects": ["systolic_rise_mmhg"],
}  # fmt: skip


@pytest.fixture(scope="module")
def address():
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
    ) as two:
        yield two.scheduler_address


@pytest.mark.parametrize("exact_people", [bands.EXACT_PEOPLE, 1000])
def test_two_workers_give_the_bytes_of_one_machine(address, tmp_path, capsys, monkeypatch, exact_people):
    """Once with the values themselves, once counted."""
    monkeypatch.setattr(bands, "EXACT_PEOPLE", exact_people)
    request = tmp_path / "request.json"
    request.write_text(json.dumps(REQUEST))

    assert cli.run(["simulate", str(request)]) == 0
    alone = capsys.readouterr().out
    assert cli.run(["simulate", str(request), "--cluster", address]) == 0
    assert capsys.readouterr().out == alone
    assert json.loads(alone)["bands"]["systolic_rise_mmhg"]["p95"][1] > 0


def test_a_scheduler_that_does_not_answer_is_bad_input(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(cluster, "WAIT_S", 0.2)
    request = tmp_path / "request.json"
    request.write_text(json.dumps(REQUEST))

    assert cli.run(["simulate", str(request), "--cluster", "tcp://127.0.0.1:9"]) == 2
    assert "--cluster = 'tcp://127.0.0.1:9': no scheduler answers there" in capsys.readouterr().err
