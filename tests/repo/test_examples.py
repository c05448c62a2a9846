"""The examples of the page on the pharmacology engine run from top to bottom, and print what the page says."""

import doctest
import re
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "pharmacology.md"
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
SECTIONS = re.findall(r"^## (.+)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)


def test_every_example_of_the_pharmacology_page_runs_and_prints_what_it_says():
    names: dict = {}
    for number, block in enumerate(BLOCKS):
        if not block.startswith(">>>"):
            exec(block, names)  # our own page
            continue
        said: list[str] = []
        example = doctest.DocTestParser().get_doctest(block, names, f"example {number}", str(PAGE), 0)
        failed = doctest.DocTestRunner(verbose=False).run(example, out=said.append, clear_globs=False).failed
        names.update(example.globs)
        assert failed == 0, "".join(said)


@pytest.mark.parametrize(
    "section",
    [
        "One person's readings",
        "What if",
        "Flags",
        "Mood over days",
        "Explanations",
        "Interactions",
        "People as a paper groups them",
    ],
)
def test_every_part_of_the_engine_has_a_section_with_an_example(section):
    whole = PAGE.read_text(encoding="utf-8").split(f"\n## {section}\n")[1]

    assert "```python\n>>>" in whole.split("\n## ")[0]
