"""Every text on a screen goes through gettext: no literal words in a template, none in a form, a message or a model."""

import ast
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.template.base import Lexer, TokenType

SRC = Path(__file__).resolve().parents[2] / "src" / "openketamine"
TEMPLATES = sorted(SRC.glob("*/*/templates/**/*.html"))
SPOKEN = frozenset({"aria-label", "title", "alt", "placeholder"})
WORD = re.compile(r"[^\W\d_]{2,}")
THE_SAME_EVERYWHERE = frozenset(
    re.split(
        " ", "OpenKetamine PDF CSV FHIR UTC SHA min mg mL kg cm mmHg SpO HR BP RR NIBP MOAA CADSS LOINC UCUM ng doi"
    )
)
"""Names, units and codes that no language changes."""
IN_AN_ATTRIBUTE = frozenset({"block where", "block live"})
"""Blocks of the base pages that stand inside an attribute: class names and addresses."""
SHOWN_BY_KEYWORD = frozenset({"label", "help_text", "verbose_name", "empty_label"})
SHOWN_BY_CALL = frozenset({"ValidationError", "success", "error", "warning", "info", "add_error"})


class Words(HTMLParser):
    """Collects what a person would read or hear."""

    def __init__(self):
        super().__init__()
        self.found, self.silent = [], 0

    def handle_starttag(self, tag, attributes):
        self.silent += tag in {"style", "script"}
        self.found += [value for name, value in attributes if name in SPOKEN and value]

    def handle_endtag(self, tag):
        self.silent -= tag in {"style", "script"}

    def handle_data(self, data):
        if not self.silent:
            self.found.append(data)


def literal_words(text):
    """Return the words of a template that reach a person without passing gettext."""
    kept, inside = [], False
    for token in Lexer(text).tokenize():
        command = token.contents.split(" ")[0] if token.token_type is TokenType.BLOCK else ""
        if command in {"blocktranslate", "blocktrans", "comment"} or token.contents in IN_AN_ATTRIBUTE:
            inside = True
        elif command in {"endblocktranslate", "endblocktrans", "endcomment", "endblock"}:
            inside = False
        elif token.token_type is TokenType.VAR:
            kept += re.findall(r'default:"([^"]*)"', token.contents)
        elif token.token_type is TokenType.TEXT and not inside:
            kept.append(token.contents)
    words = Words()
    words.feed("".join(kept))
    return [word for piece in words.found for word in WORD.findall(piece) if word not in THE_SAME_EVERYWHERE]


def literal_texts(source):
    """Return the texts of a Python file that a form, a model or a message shows without gettext."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            shown = [word.value for word in node.keywords if word.arg in SHOWN_BY_KEYWORD]
            shown += node.args[:2] if name in SHOWN_BY_CALL else []
            found += [one for one in map(words_of, shown) if one]
    return found


def words_of(node):
    """Return a literal sentence; a field's or a file's name is none."""
    if isinstance(node, ast.JoinedStr):
        said = "".join(part.value for part in node.values if isinstance(part, ast.Constant)).strip()
        return said if WORD.search(said) and " " in said else ""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value if " " in node.value.strip() else ""
    return ""


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(SRC).as_posix())
def test_a_template_has_no_words_of_its_own(path):
    assert literal_words(path.read_text(encoding="utf-8")) == []


def test_no_form_model_or_message_has_words_of_its_own():
    found = {
        path.relative_to(SRC).as_posix(): texts
        for path in sorted([*SRC.glob("clinic/**/*.py"), *SRC.glob("doors/**/*.py")])
        if "/migrations/" not in path.as_posix() and (texts := literal_texts(path.read_text(encoding="utf-8")))
    }

    assert found == {}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<p>Hello</p>", ["Hello"]),
        ('<p title="Hello">{{ x }}</p>', ["Hello"]),
        ('{% translate "Hello" %} {{ name }} mg', []),
        ("{% blocktranslate %}Hello {{ x }}{% endblocktranslate %}", []),
        ('{{ name|default:"nobody" }}{{ name|default:_("nobody") }}', ["nobody"]),
        ("<script>var hello</script><p>12 mL/h</p>", []),
    ],
)
def test_the_search_finds_what_it_looks_for(text, words):
    assert literal_words(text) == words


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        ('x = CharField(label="Your name")', ["Your name"]),
        ('x = CharField(label=_("Your name"))', []),
        ('messages.success(request, "It is done")', ["It is done"]),
        ('form.add_error("field", f"is {x} too long")', ["is  too long"]),
    ],
)
def test_the_search_in_python_finds_what_it_looks_for(source, texts):
    assert literal_texts(source) == texts
