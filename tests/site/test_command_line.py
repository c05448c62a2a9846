"""The frame of the command line: exit codes, one-line faults, strict JSON."""

import socket
from datetime import UTC, datetime, timedelta

import pytest

from openketamine.site import cli, clock
from openketamine.site.commands import io


def test_no_command_prints_the_usage_and_is_bad_input(capsys):
    assert cli.run([]) == 2
    assert "usage: openketamine" in capsys.readouterr().err


def test_an_unknown_command_is_named(capsys):
    assert cli.run(["simulat"]) == 2
    assert "simulat: unknown command" in capsys.readouterr().err


def test_a_busy_port_is_one_clear_line(capsys):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        number = other.getsockname()[1]

        assert cli.run(["demo", "--port", str(number)]) == 2

    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert f"--port = {number}: is in use" in captured.err


@pytest.mark.parametrize("speed", ["0", "61", "nan"])
def test_a_demo_speed_outside_its_range_is_refused(speed, capsys):
    assert cli.run(["demo", "--speed", speed]) == 2
    assert "--speed" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('{"a": 1, "a": 2}', "a: given twice"),
        ('{"a": NaN}', "NaN: is not a number"),
        ('{"a": -Infinity}', "-Infinity: is not a number"),
        ("[1]", "must be a JSON object"),
        ('{"a": }', "line 1: not JSON"),
        ("[" * 100000, "nested too deeply"),
    ],
)
def test_json_is_read_strictly(tmp_path, text, named):
    path = tmp_path / "in.json"
    path.write_text(text)

    with pytest.raises(io.BadInput, match=named.replace("(", r"\(")):
        io.read_json(str(path))


def test_a_missing_file_is_named():
    with pytest.raises(io.BadInput, match=r"nowhere\.json: cannot be read"):
        io.read_json("nowhere.json")


def test_an_unknown_key_is_named_with_the_known_ones():
    with pytest.raises(io.BadInput, match=r"doses\[0\]\.mg: unknown key \(known: amount_mg\)"):
        io.only_keys({"mg": 1}, {"amount_mg"}, "doses[0].")


def test_demo_time_runs_at_its_rate_and_back_again():
    origin = datetime(2026, 1, 1, tzinfo=UTC)
    wall = datetime(2026, 6, 1, tzinfo=UTC)

    later = clock.demo_time(wall + timedelta(minutes=2), origin=origin, wall_at_origin=wall, rate=10)

    assert later == origin + timedelta(minutes=20)
    assert clock.wall_time(later, origin=origin, wall_at_origin=wall, rate=10) == wall + timedelta(minutes=2)
