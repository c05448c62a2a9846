"""The documents: complete, linked, true."""

import json
import re
import shlex
from pathlib import Path

import pytest

from openketamine.site import cli, settings

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
HAZARDS = (ROOT / "docs" / "hazards.md").read_text(encoding="utf-8")
COMMANDS = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```console\n\$ (.+?)\n((?:\{[^\n]*\n)+)```", COMMANDS, re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(page):
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))

    assert [link for link in links if "://" not in link and not (page.parent / link).exists()] == []


def test_every_command_has_its_section():
    missing = [name for name in cli.COMMANDS if f"## {name}\n" not in COMMANDS]

    assert missing == []


def test_no_section_describes_a_command_that_is_not_there():
    assert set(re.findall(r"^## ([a-z0-9-]+)$", COMMANDS, re.MULTILINE)) - set(cli.COMMANDS) == set()


@pytest.mark.parametrize(("line", "printed"), EXAMPLES, ids=[line[:40] for line, _ in EXAMPLES])
def test_an_example_prints_what_the_page_says(line, printed, capsys, monkeypatch, tmp_path):
    asked, _, given = line.partition(" <<< ")
    name, *arguments = shlex.split(asked)
    assert name == "openketamine"
    (tmp_path / "input").write_text(shlex.split(given)[0] if given else "")
    code = cli.run([str(tmp_path / "input") if one == "-" else one for one in arguments])
    said = capsys.readouterr()

    assert code == 0, said.err
    for wanted, found in zip(printed.splitlines(), said.out.splitlines(), strict=True):
        assert same(wanted, found)


def same(wanted, found):
    """Compare two lines of JSON; `"..."` in the page stands for anything."""
    return like(json.loads(wanted), json.loads(found))


def like(wanted, found):
    if wanted == "...":
        return True
    if isinstance(wanted, dict) and isinstance(found, dict):
        return wanted.keys() == found.keys() and all(like(value, found[key]) for key, value in wanted.items())
    if isinstance(wanted, list) and isinstance(found, list):
        return len(wanted) == len(found) and all(like(*pair) for pair in zip(wanted, found, strict=True))
    if isinstance(wanted, float):
        return found == pytest.approx(wanted, rel=1e-4)
    return wanted == found


def test_every_room_stands_in_the_plan_of_the_house():
    plan = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rooms = {path.parent.name for path in (ROOT / "src" / "openketamine").glob("*/*/__init__.py")} - {
        "commands",
        "monitors",
    }

    assert sorted(room for room in rooms if f"`{room}`" not in plan) == []
    assert sorted(room for room in settings.ROOMS if f"`{room}`" not in plan) == []


def test_every_document_can_be_reached_from_the_table_of_contents():
    contents = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    own = [page for page in (ROOT / "docs").rglob("*.md") if "clinical" not in page.parts and page.parent.name != "adr"]

    assert [
        page.name for page in own if page.name != "README.md" and f"({page.relative_to(ROOT / 'docs')})" not in contents
    ] == []


def hazards():
    parts = re.split(r"^## ", HAZARDS, flags=re.MULTILINE)[1:]
    return {part.splitlines()[0]: part for part in parts}


@pytest.mark.parametrize("name", hazards(), ids=lambda name: name.split()[0])
def test_a_hazard_names_its_harm_its_control_its_test_and_what_is_left(name):
    text = hazards()[name]

    for part in ("- Harm: ", "- Control: ", "- Shown by: `tests/", "- Left over: "):
        assert part in text
    for file, test in re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", text):
        assert f"def {test}(" in (ROOT / file).read_text(encoding="utf-8"), f"{file}::{test}"


def test_hazards_are_numbered_without_a_gap():
    assert [name.split()[0] for name in hazards()] == [f"H{number:02}" for number in range(1, len(hazards()) + 1)]


def test_what_the_documents_say_to_type_is_there():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    asked = {one for page in PAGES for one in re.findall(r"`make ([a-z]+)", page.read_text(encoding="utf-8"))}

    assert {"demo", "test"} <= asked
    assert [one for one in sorted(asked) if not re.search(rf"^{one}:", makefile, re.MULTILINE)] == []
