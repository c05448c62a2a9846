"""`make messages`: write the catalogue of every text that gettext sees, `src/openketamine/locale/django.pot`.

Texts of templates, of pages on paper, of Python, and of evidence files that reach a screen; members of enums, since screens name states by them. Sorted and without line numbers, so that it changes only
when a text does. A translation is a copy in `locale/<language>/LC_MESSAGES/django.po`, compiled by msgfmt.
"""

import ast
import json
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SRC = ROOT / "src" / "openketamine"
CATALOGUE = SRC / "locale" / "django.pot"
CALLS = frozenset({"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy"})
CHOICES = "choices"
TABLE = "WORDS"
"""The name of a table of core that says its results in words."""
SHOWN = frozenset(
    {
        "title",
        "question",
        "criterion",
        "words",
        "says",
        "says_beside",
        "scope",
        "notice",
        "band",
        "group",
        "caption",
        "limits_of_use",
        "answers",
        "heard",
        "found",
        "when",
        "standing",
        "speaks_for",
        "speaks_against",
        "name",
        "people",
        "term",
        "effect",
        "absent",
        "when_set",
    }
)
"""Keys of evidence files whose text reaches a screen."""
HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'


def catalogue() -> str:
    """Return the catalogue as it must be now."""
    texts = sorted({text for source in (templates(), paper(), python(), evidence()) for text in source if text.strip()})
    return HEADER + "".join(f'\nmsgid {json.dumps(text, ensure_ascii=False)}\nmsgstr ""\n' for text in texts)


def templates() -> Iterator[str]:
    """Yield the texts of all templates."""
    for path in sorted(SRC.glob("*/*/templates/**/*.html")):
        yield from template_texts(path.read_text(encoding="utf-8"))


def paper() -> Iterator[str]:
    """Yield the texts of all pages on paper."""
    from openketamine.clinic.ui import typeset

    for path in sorted(SRC.glob("clinic/*/*.typ")):
        yield from typeset.SAID.findall(path.read_text(encoding="utf-8"))


def template_texts(text: str) -> Iterator[str]:
    """Yield the texts of one template."""
    from django.template.base import Lexer, TokenType

    block: list[str] | None = None
    for token in Lexer(text).tokenize():
        command = token.contents.split(" ")[0] if token.token_type is TokenType.BLOCK else ""
        if command in {"translate", "trans"}:
            yield from (
                "".join(pair) for pair in re.findall(r"""^trans(?:late)? (?:"([^"]*)"|'([^']*)')""", token.contents)
            )
        elif command in {"blocktranslate", "blocktrans"}:
            block = []
        elif command in {"endblocktranslate", "endblocktrans", "plural"} and block is not None:
            yield "".join(block)
            block = [] if command == "plural" else None
        elif block is None:
            yield from re.findall(r"""_\("([^"]*)"\)""", token.contents)
        else:
            block.append(
                f"%({token.contents})s" if token.token_type is TokenType.VAR else token.contents.replace("%", "%%")
            )


def python() -> Iterator[str]:
    """Yield the texts of all Python files."""
    for path in sorted(SRC.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in CALLS:
                yield from constants(node.args)
            if (
                isinstance(node, ast.Assign | ast.AnnAssign)
                and isinstance(node.value, ast.Dict)
                and named(node) == TABLE
            ):
                yield from constants(node.value.values)
            if isinstance(node, ast.ClassDef) and any(getattr(base, "id", "") == "StrEnum" for base in node.bases):
                yield from constants([member.value for member in node.body if isinstance(member, ast.Assign)])


def constants(nodes: list[ast.expr]) -> Iterator[str]:
    """Yield the texts among some expressions."""
    yield from (node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))


def named(node: ast.Assign | ast.AnnAssign) -> str:
    """Return the name that is assigned."""
    target = node.targets[0] if isinstance(node, ast.Assign) else node.target
    return getattr(target, "id", "")


def evidence() -> Iterator[str]:
    """Yield the texts of all evidence files that reach a screen."""
    for path in sorted((SRC / "evidence").glob("*/**/*.toml")):
        if path.parent.name != "sources":
            yield from shown(tomllib.loads(path.read_text(encoding="utf-8")))


def shown(value: object, key: str = "") -> Iterator[str]:
    """Yield the texts under keys that reach a screen, at any depth."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from shown(inner, key if key == CHOICES else name)
    elif isinstance(value, list):
        for inner in value:
            yield from shown(inner, key)
    elif isinstance(value, str) and key in {*SHOWN, CHOICES}:
        yield value


def main() -> int:
    """Write the catalogue; with --check, say whether it is stale."""
    text = catalogue()
    if "--check" in sys.argv:
        return int(not CATALOGUE.exists() or CATALOGUE.read_text(encoding="utf-8") != text)
    CATALOGUE.parent.mkdir(exist_ok=True)
    CATALOGUE.write_text(text, encoding="utf-8")
    print(f"{CATALOGUE.relative_to(ROOT)}: {text.count('msgid ') - 1} texts")
    return 0


if __name__ == "__main__":
    sys.exit(main())
