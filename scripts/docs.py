"""`make docs`: write what docs print from elsewhere. `--check` writes nothing and names every page that is stale.

- `docs/clinical/`: the manual, from evidence files (scripts/manual.py) and from the tests of `tests/spec/` (scripts/behaviour.py);
- `docs/proofs.md`: claims and figures of `docs/proof/*.json`; `docs/adr/README.md`: the decisions;
- in any page, `<!--figure NAME.KEY-->...<!--/figure-->` shows one figure of a proof, and nothing else may;
- `<!--calibration NAME-->...<!--/calibration-->` shows `docs/calibration/NAME.json`, which the calibration script writes.
"""

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts import behaviour, calibration, manual  # noqa: E402

DOCS = ROOT / "docs"
FIGURE = re.compile(r"<!--figure ([\w.]+)-->.*?<!--/figure-->", re.DOTALL)


def main(argv: list[str]) -> int:
    """Write or check every page; 1 when checking finds a stale one."""
    wanted = pages()
    stale = [path for path, text in wanted.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    left_over = [path for path in sorted((DOCS / "clinical").rglob("*.md")) if path not in wanted]
    if "--check" in argv:
        for path in [*stale, *left_over]:
            print(f"{path.relative_to(ROOT)}: stale; run `make docs`", file=sys.stderr)
        return int(bool(stale or left_over))
    for path in left_over:
        path.unlink()
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted[path], encoding="utf-8")
    print(f"{len(stale)} pages written, {len(left_over)} removed, {len(wanted) - len(stale)} were up to date")
    return 0


def pages() -> dict[Path, str]:
    """Return each generated page, and each page that shows a figure, as it must read."""
    proofs = read_proofs()
    made = {DOCS / "clinical" / name: text for name, text in manual.pages().items()}
    made[DOCS / "clinical" / "behaviour.md"] = behaviour.page()
    made[DOCS / "adr" / "README.md"] = decisions()
    made[DOCS / "proofs.md"] = proofs_page(proofs)
    for path in [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]:
        text = path.read_text(encoding="utf-8")
        if path not in made and (FIGURE.search(text) or calibration.PLACE.search(text)):
            made[path] = calibration.filled(with_figures(text, proofs, path.name), DOCS / "calibration")
    return made


def decisions() -> str:
    """Return the list of decisions."""
    lines = ["# Decisions", "", "Written by `make docs`.", ""]
    for path in sorted((DOCS / "adr").glob("0*.md")):
        title = path.read_text(encoding="utf-8").splitlines()[0].lstrip("# ")
        lines.append(f"- [{title}]({path.name})")
    return "\n".join(lines) + "\n"


def read_proofs() -> dict[str, dict]:
    """Return the written proofs by name."""
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted((DOCS / "proof").glob("*.json"))}


def with_figures(text: str, proofs: dict[str, dict], where: str) -> str:
    """Fill each figure in; a figure of a proof that was never run stops the writing."""

    def fill(found: re.Match) -> str:
        name, _, key = found[1].partition(".")
        if name not in proofs or key not in proofs[name]["figures"]:
            raise SystemExit(f"{where}: {found[1]}: no such figure; run `make proof ARGS={name}`")
        return f"<!--figure {found[1]}-->{shown(proofs[name]['figures'][key])}<!--/figure-->"

    return FIGURE.sub(fill, text)


def proofs_page(proofs: dict[str, dict]) -> str:
    """Return all proofs with their figures and what repeats them."""
    lines = [
        "# What has been proved",
        "",
        "Written by `make docs` from `docs/proof/*.json`, which `make proof` writes.",
        "",
    ]
    for name, one in proofs.items():
        machine = one["machine"]
        lines += [f"## {words(name)}", "", one["claim"], "", "| figure | value |", "|---|---|"]
        lines += [f"| {words(key)} | {shown(value)} |" for key, value in one["figures"].items()]
        lines += [
            "",
            f"`{one['command']}`, seed {one['seed']}, size {json.dumps(one['size'])}, {one['duration_s']} s, commit `{one['commit']}`.",
        ]
        lines += [
            f"{machine['processor']}, {machine['cores']} cores, {machine['system']}, Python {machine['python']}, NumPy {machine['numpy']}.",
            "",
        ]
    return "\n".join(lines)


def words(key: str) -> str:
    """Return a name as words."""
    return key.replace("_", " ")


def shown(value: object) -> str:
    """Return a figure as a page prints it: four significant digits."""
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list):
        return ", ".join(shown(one) for one in value)
    return str(value)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
