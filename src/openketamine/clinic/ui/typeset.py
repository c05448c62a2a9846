"""Pages on paper: Typst pages whose own words go through gettext. A page says `say("words")`, or `say("{n} of {all}", n: 1, all: 2)`."""

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from django.utils.translation import get_language, gettext

ROOT = Path(__file__).resolve().parents[1]  # what a page imports by `/` stands below it
SAID = re.compile(r'say\("([^"]+)"')


@lru_cache(maxsize=32)
def texts(page: Path) -> tuple[str, ...]:
    """Return the words of a Typst page and of what stands in its folder for it to import."""
    pages = sorted({page, *page.parent.glob("*.typ")})
    return tuple(sorted({text for one in pages for text in SAID.findall(one.read_text(encoding="utf-8"))}))


def pdf(page: Path, values: Mapping[str, str]) -> bytes:
    """Return a page as PDF, its words in the language in force."""
    import typst

    return bytes(typst.compile(str(page), root=str(ROOT), sys_inputs=_inputs(page, values)))


def length(page: Path, values: Mapping[str, str]) -> int:
    """Return on how many sheets a page comes out; it tells by the label `<pages>`."""
    import typst

    return int(
        typst.query(str(page), "<pages>", field="value", one=True, root=str(ROOT), sys_inputs=_inputs(page, values))
    )


def _inputs(page: Path, values: Mapping[str, str]) -> dict[str, str]:
    words = {text: gettext(text) for text in texts(page)}
    return {**values, "words": json.dumps(words), "language": (get_language() or "en").split("-")[0]}
