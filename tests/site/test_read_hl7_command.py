"""`read-hl7`: a contract that scripts rely on."""

import json

from openketamine.site import cli

HEAD = "MSH|^~\\&|MON|MAKER|||20260302100000+0000||ORU^R01|C1|P|2.6"
GOOD = f"{HEAD}\rPID|\rOBR|1\rOBX|1|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC||97|%|||||F"


def ask(tmp_path, capsys, data):
    path = tmp_path / "in.hl7"
    path.write_bytes(data)
    code = cli.run(["read-hl7", str(path)])
    captured = capsys.readouterr()
    return code, [json.loads(line) for line in captured.out.splitlines()], captured.err


def test_a_message_is_one_json_line(tmp_path, capsys):
    code, lines, _ = ask(tmp_path, capsys, GOOD.encode())

    assert code == 0
    assert lines == [
        {
            "ack": "AA", "reason": "", "control_id": "C1", "device": "MON/MAKER", "processing": "P",
            "readings": [
                {"obx": 1, "code": "150456", "signal": "spo2", "value": 97.0, "unit": "%", "time": "2026-03-02T10:00:00Z",
                 "time_source": "arrival", "charted": True, "reason": ""}
            ],
            "pump": None, "device_alarms": [], "withheld": "", "findings": [],
        }
    ]  # fmt: skip


def test_a_bad_message_never_stops_the_next(tmp_path, capsys):
    code, lines, _ = ask(tmp_path, capsys, b"nonsense\r" + GOOD.encode())

    assert code == 1
    assert [line["ack"] for line in lines] == ["AE", "AA"]


def test_an_empty_file_is_bad_input(tmp_path, capsys):
    code, lines, error = ask(tmp_path, capsys, b"")

    assert (code, lines) == (2, [])
    assert "holds no message" in error


def test_what_is_wrong_with_a_message_is_said_on_stderr(tmp_path, capsys):
    _, _, error = ask(tmp_path, capsys, b"nonsense\r" + GOOD.encode())

    assert error.strip().endswith("message 1: does not begin with an MSH segment")
    assert len(error.splitlines()) == 1


def test_a_message_without_any_time_has_none(tmp_path, capsys):
    _, (line,), _ = ask(tmp_path, capsys, GOOD.replace("20260302100000+0000", "").encode())

    assert (line["readings"][0]["time"], line["readings"][0]["time_source"]) == (None, "arrival")


def test_a_batch_of_bad_messages_keeps_going(tmp_path, capsys):
    bad = [b"MSH|^~\\&|A||||||RGV^O15|1|P|2.6", b"MSH|^~\\&|A||||||ORU^R01||P|2.6\rOBX|1", b"MSH|", b"MSH|^^^^|A"]
    code, lines, error = ask(tmp_path, capsys, b"\r".join([*bad, GOOD.encode()]))

    assert code == 1
    assert [line["ack"] for line in lines] == ["AR", "AE", "AE", "AE", "AA"]
    assert "Traceback" not in error
