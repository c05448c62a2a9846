"""The tests of `tests/spec/` as pages that a clinician can read: a test's name is its sentence, its cases are a table."""

import ast
from collections.abc import Iterator
from pathlib import Path

SPEC = Path(__file__).resolve().parent.parent / "tests" / "spec"


def page() -> str:
    """Return all of `tests/spec/` as one page."""
    lines = [
        "# How it behaves",
        "",
        "Each sentence is a test in `tests/spec/`; the values in a table are those it runs with.",
        "",
    ]
    for path in sorted(SPEC.glob("test_*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        title, *more = (ast.get_docstring(tree) or path.stem).splitlines()
        lines += [f"## {title.rstrip('.')}", "", *[line for line in more if line.strip()], ""]
        lines += [line for node in tree.body if is_test(node) for line in sentence(node)]
    return "\n".join(lines).rstrip() + "\n"


def is_test(node: ast.AST) -> bool:
    """Say whether a piece of a file is a test."""
    return isinstance(node, ast.FunctionDef) and node.name.startswith("test_")


def sentence(test: ast.FunctionDef) -> Iterator[str]:
    """Yield a test as a sentence, what its docstring adds, and its cases."""
    words = test.name.removeprefix("test_").replace("_s_", "'s ").replace("_", " ")
    yield f"**{words[0].upper()}{words[1:]}.**"
    yield from (ast.get_docstring(test) or "").splitlines()
    yield ""
    for decorator in test.decorator_list:
        yield from cases(decorator)


def cases(decorator: ast.expr) -> Iterator[str]:
    """Yield the cases of `pytest.mark.parametrize` as a table; values that are no literals are printed as written."""
    if not (isinstance(decorator, ast.Call) and ast.unparse(decorator.func).endswith("parametrize")):
        return
    names, rows = decorator.args[:2]
    heads = ast.literal_eval(names)
    heads = [heads] if isinstance(heads, str) else list(heads)
    yield "| " + " | ".join(head.replace("_", " ") for head in heads) + " |"
    yield "|" + "---|" * len(heads)
    for row in rows.elts if isinstance(rows, ast.List | ast.Tuple) else []:
        cells = row.elts if len(heads) > 1 and isinstance(row, ast.Tuple) else [row]
        yield "| " + " | ".join(written(cell) for cell in cells) + " |"
    yield ""


def written(cell: ast.expr) -> str:
    """Return one value as a page prints it."""
    try:
        value = ast.literal_eval(cell)
    except ValueError:
        return f"`{ast.unparse(cell)}`"
    return "not known" if value is None else str(value).replace("|", "\\|")
