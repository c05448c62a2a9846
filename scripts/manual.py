"""Readable pages out of evidence files: every number with its source, how we know it, and whether a clinician has checked it."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EVIDENCE = ROOT / "src" / "openketamine" / "evidence"
WORDS = ("says", "question", "words", "message", "title", "caption", "name")
UNCHECKED = "not yet checked by a clinician"
KINDS = {
    "protocols": "Candidacy protocols",
    "regimens": "How an infusion is usually run",
    "limits": "Alarm limits and plausible ranges",
    "pk_models": "Disposition models",
    "pk_links": "Links between models",
    "effects": "Effect models",
    "instruments": "Questionnaires",
    "treatments": "What was tried before",
    "medicines": "Medicines that matter",
    "leaflets": "What a patient reads and signs",
    "teaching": "Virtual patients of the demo (invented)",
}


def pages() -> dict[str, str]:
    """Return every page of the clinical manual by its name below docs/clinical/."""
    made = {f"{kind}/{path.stem}.md": evidence_page(kind, path) for kind, path in files()}
    return {**made, "sources.md": bibliography(), "README.md": index()}


def files() -> Iterator[tuple[str, Path]]:
    """Yield each evidence file with its kind, the named kinds first."""
    folders = sorted(path.name for path in EVIDENCE.iterdir() if path.is_dir() and path.name != "sources")
    known = [kind for kind in KINDS if kind in folders]
    for kind in [*known, *(folder for folder in folders if folder not in KINDS)]:
        for path in sorted((EVIDENCE / kind).glob("*.toml")):
            yield kind, path


def evidence_page(kind: str, path: Path) -> str:
    """Return one evidence file as a page."""
    text = whole(path)
    table = tomllib.loads(text)
    lines = [f"# {table.get('title', path.stem.capitalize())}", "", *preface(text)]
    lines += [f"Written from `src/openketamine/evidence/{kind}/{path.name}`; change it there.", ""]
    lines += [f"- {words(key)}: {plain(value)}" for key, value in table.items() if is_plain(value) and key != "title"]
    lines += numbers(table)
    for place, entries in lists(table, ()):
        lines += ["", f"## {words(' '.join(place)).capitalize()}"]
        for number, entry in enumerate(entries, 1):
            lines += section(entry, number)
    return "\n".join(lines).rstrip() + "\n"


def whole(path: Path) -> str:
    """Return an evidence file with the shared parts that it includes."""
    text = path.read_text(encoding="utf-8")
    parts = tomllib.loads(text).get("include", [])
    return "\n".join([text, *((path.parent / "shared" / f"{part}.toml").read_text(encoding="utf-8") for part in parts)])


def preface(text: str) -> list[str]:
    """Return the comment that opens an evidence file, one sentence a line."""
    opening = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        opening.append(line.lstrip("# ").rstrip())
    return [*" ".join(opening).replace(". ", ".\n").splitlines(), ""] if opening else []


def numbers(table: dict) -> list[str]:
    """Return the cited values outside lists as one table."""
    rows = [f"| {words(' '.join(place))} | {amount(one)} | {source(one['cite'])} |" for place, one in cited(table, ())]
    return ["", "| what | value | where it comes from |", "|---|---|---|", *rows] if rows else []


def amount(one: dict) -> str:
    """Return a value with its unit; a bare number has none."""
    unit = one.get("unit", "1")
    return plain(one.get("value")) + ("" if unit == "1" else f" {unit}")


def cited(table: dict, place: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], dict]]:
    """Yield each table that carries a citation, with its place; lists are not entered."""
    for key, value in table.items():
        if isinstance(value, dict):
            if "cite" in value:
                yield (*place, key), value
            yield from cited({name: one for name, one in value.items() if name != "cite"}, (*place, key))


def lists(table: dict, place: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], list[dict]]]:
    """Yield each list of tables, with its place."""
    for key, value in table.items():
        if is_list_of_tables(value) and key != "cite":
            yield (*place, key), value
        elif isinstance(value, dict):
            yield from lists(value, (*place, key))


def section(entry: dict, place: int) -> list[str]:
    """Return one rule, item, limit or step."""
    title = str(entry.get("id") or entry.get("code") or entry.get("value") or place)
    said = next((key for key in WORDS if isinstance(entry.get(key), str)), None)
    lines = ["", f"### {title}", ""]
    lines += [f"{entry[said]}", ""] if said else []
    lines += [
        f"- {words(key)}: {plain(value)}"
        for key, value in entry.items()
        if is_plain(value) and key not in {said, "id", "code"}
    ]
    for key, value in entry.items():
        if isinstance(value, dict) and key != "cite":
            lines.append(f"- {words(key)}: {inline(value)}")
        if is_list_of_tables(value) and key != "cite":
            lines += [f"- {words(key)}: {inline(one)}" for one in value]
    return [*lines, f"- source: {source(entry['cite'])}"] if "cite" in entry else lines


def source(cite: dict | list[dict]) -> str:
    """Return where a value comes from, how we know it, and who has checked it; several sources after each other."""
    if isinstance(cite, list):
        return "; and ".join(source(one) for one in cite)
    who = f"checked by {cite['checked_by']}" if cite.get("checked_by") else UNCHECKED
    link = f"[{cite['source']}](../sources.md#{cite['source']})"
    return f"{link}, {cite.get('locus', '')}; {cite['mark']}, {cite.get('grade', 'ungraded')}; **{who}**"


def bibliography() -> str:
    """Return all sources, by id."""
    found = {}
    for path in [EVIDENCE / "sources.toml", *sorted((EVIDENCE / "sources").glob("*.toml"))]:
        found.update(tomllib.loads(path.read_text(encoding="utf-8")))
    lines = ["# Sources", ""]
    for key, row in sorted(found.items()):
        where = f"https://doi.org/{row['doi']}" if row.get("doi") else row.get("url", "")
        lines += [f"## {key}", "", row["citation"] + (f" {where}" if where else ""), ""]
    return "\n".join(lines)


def index() -> str:
    """Return the table of contents, with how much of it is checked."""
    lines = ["# The clinical manual", "", "Written by `make docs` from the evidence files and from `tests/spec/`.", ""]
    lines += [f"**{checked_of_all()}**", "", "- [How it behaves](behaviour.md): the tests that are meant to be read"]
    lines += ["- [Sources](sources.md)"]
    last = ""
    for kind, path in files():
        if kind != last:
            lines += ["", f"## {KINDS.get(kind, words(kind).capitalize())}", ""]
            last = kind
        lines.append(
            f"- [{tomllib.loads(path.read_text(encoding='utf-8')).get('title', path.stem.capitalize())}]({kind}/{path.stem}.md)"
        )
    return "\n".join(lines) + "\n"


def checked_of_all() -> str:
    """Return how many cited places a clinician has checked, and how we know the rest."""
    cites = [cite for _kind, path in files() for cite in every_cite(tomllib.loads(whole(path)))]
    checked = sum(bool(cite.get("checked_by")) for cite in cites)
    marks = sorted({cite["mark"] for cite in cites})
    counted = ", ".join(f"{sum(cite['mark'] == mark for cite in cites)} {mark}" for mark in marks)
    return f"{checked} of {len(cites)} cited places are checked by a clinician ({counted})."


def every_cite(value: object) -> Iterator[dict]:
    """Yield every citation in a file."""
    if isinstance(value, dict):
        for key, one in value.items():
            if key == "cite":
                yield from one if isinstance(one, list) else [one]
            yield from every_cite(one)
    elif isinstance(value, list):
        for one in value:
            yield from every_cite(one)


def words(key: str) -> str:
    """Return a key as words."""
    return key.replace("_", " ")


def is_plain(value: object) -> bool:
    """Say whether a value fits on a line."""
    return not isinstance(value, dict) and not is_list_of_tables(value)


def is_list_of_tables(value: object) -> bool:
    """Say whether a value is a list of tables."""
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def plain(value: object) -> str:
    """Return a value as a person writes it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(plain(one) for one in value)
    if isinstance(value, float):
        return f"{value:g}"
    return str(value).replace("|", "\\|").replace("\n", " ")


def inline(table: dict) -> str:
    """Return a small table on one line."""
    parts = [
        f"{words(key)} {inline(value) if isinstance(value, dict) else plain(value)}"
        for key, value in table.items()
        if key != "cite"
    ]
    return ("; ".join(parts) or "none known") + (f" ({source(table['cite'])})" if "cite" in table else "")
