"""Reading and writing for every command: strict JSON in, one line of JSON out, faults as one line on stderr."""

import json
import sys
from pathlib import Path
from typing import Any, NoReturn


class BadInput(ValueError):  # noqa: N818 - it is the user's input that is bad, not our program
    """What the user gave is not usable. The message names the field, the value and the limit; exit code 2."""


def read_text(name: str) -> str:
    """Read a file, or standard input for '-'; raises BadInput naming the file."""
    try:
        return sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise BadInput(f"{name}: must be UTF-8 text") from error
    except OSError as error:
        raise BadInput(f"{name}: cannot be read ({error.strerror})") from error


def read_bytes(name: str) -> bytes:
    """Read a file as bytes, or standard input for '-'; raises BadInput naming the file."""
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise BadInput(f"{name}: cannot be read ({error.strerror})") from error


def read_json(name: str) -> dict[str, Any]:
    """Read one JSON object strictly: no duplicate keys, no NaN, no Infinity."""
    try:
        value = json.loads(read_text(name), object_pairs_hook=_no_duplicates, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise BadInput(f"{name}: line {error.lineno}: not JSON ({error.msg})") from error
    except RecursionError as error:
        raise BadInput(f"{name}: nested too deeply") from error
    if not isinstance(value, dict):
        raise BadInput(f"{name}: must be a JSON object")
    return value


def only_keys(value: dict[str, Any], allowed: set[str], path: str = "") -> None:
    """Refuse keys nobody knows, naming the first."""
    for key in value:
        if key not in allowed:
            raise BadInput(f"{path}{key}: unknown key (known: {', '.join(sorted(allowed))})")


def print_json(value: object) -> None:
    """Write one line of JSON to stdout, UTF-8 with LF."""
    sys.stdout.buffer.write((json.dumps(value, ensure_ascii=False, allow_nan=False) + "\n").encode())


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for key, item in pairs:
        if key in value:
            raise BadInput(f"{key}: given twice")
        value[key] = item
    return value


def _no_constant(text: str) -> NoReturn:
    raise BadInput(f"{text}: is not a number")
