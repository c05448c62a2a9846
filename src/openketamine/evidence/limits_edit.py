"""A clinic's own alarm rules: the text that ships with numbers for what ships without one, each cited to the person who signed it."""

import json
import re
from collections.abc import Mapping

from openketamine.evidence import load
from openketamine.evidence.regimen_edit import Signed


def with_numbers(text: str, numbers: Mapping[str, float], signed: Signed) -> str:
    """Return the text with these numbers by the id of what is unset; raises EvidenceError for one that no number makes a rule of."""
    for name, value in numbers.items():
        text = _with(text, name, value, signed)
    return text


def _with(text: str, name: str, value: float, signed: Signed) -> str:
    found = re.search(rf'(?ms)^\[\[unset\]\]\nid = "{re.escape(name)}"\n.*?(?=^\[|^#|^$|\Z)', text)
    row = load.parse(found[0], name)["unset"][0] if found else {}
    if found is None or "becomes" not in row:
        raise load.EvidenceError(f"{name}: no rule can be made of it by a number")
    return text[: found.start()] + _rule(found[0], row["becomes"], value, signed) + text[found.end() :]


def _rule(block: str, becomes: str, value: float, signed: Signed) -> str:
    """Return an unset block as a rule: it says what stood under `when_set`, and clears at its own number."""
    kept = [line for line in block.splitlines()[1:] if not line.startswith(("becomes =", "says ="))]
    lines = [f"[[{becomes}]]", *(re.sub("^when_set =", "says =", line) for line in kept)]
    locus = json.dumps(f"set by {signed.by} on {signed.on:%Y-%m-%d}", ensure_ascii=False)
    checked = json.dumps(signed.by, ensure_ascii=False)
    cite = (
        f'source = "clinic-protocol", locus = {locus}, mark = "assumed", grade = "your clinic", checked_by = {checked}'
    )
    return "\n".join([*lines, f"value = {value!r}", f"clear = {value!r}", f"cite = {{ {cite} }}", ""])
