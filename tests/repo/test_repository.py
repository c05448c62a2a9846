"""The repository tests itself."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXEMPT = ("requirements", "docs/proof/", "docs/proofs.md", "docs/clinical/", "LICENSE")
HOSTS = re.compile(r"pypi\.org|pythonhosted|registry\.npmjs|debian\.org/debian")


def tracked(*patterns):
    out = subprocess.run(["git", "ls-files", *patterns], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / line for line in out.splitlines() if (ROOT / line).is_file()]


def test_no_file_names_the_host_of_a_package_registry():
    named = [
        str(path)
        for path in tracked()
        if path != Path(__file__) and HOSTS.search(path.read_text(encoding="utf-8", errors="ignore"))
    ]

    assert named == []


def test_hand_written_files_stop_at_400_lines():
    long = []
    for path in tracked("*.py", "*.html", "*.css", "*.js", "*.md"):
        name = path.relative_to(ROOT).as_posix()
        vendored = "/vendor/" in name or "/migrations/" in name or name.startswith(EXEMPT)
        if not vendored and len(path.read_text(encoding="utf-8").splitlines()) > 400:
            long.append(name)

    assert long == []


def test_the_locks_pin_every_package_by_hash():
    for lock in tracked("requirements*.lock"):
        pinned = [line for line in lock.read_text().splitlines() if "==" in line]
        assert pinned
        assert lock.read_text().count("--hash=sha256:") >= len(pinned)


def test_the_readme_names_the_two_commands_and_make_knows_them():
    readme = (ROOT / "README.md").read_text()
    makefile = (ROOT / "Makefile").read_text()

    for command in ("demo", "test"):
        assert f"make {command}" in readme
        assert re.search(rf"^{command}:", makefile, re.MULTILINE)


def test_every_dependency_gives_its_reason():
    lines = (ROOT / "pyproject.toml").read_text().split("[dependency-groups]")
    direct = re.findall(
        r'^  "[a-z].*$', lines[0].split("dependencies = [")[1] + lines[1].split("[tool.")[0], re.MULTILINE
    )

    assert direct
    assert [line for line in direct if "#" not in line] == []


def test_every_source_that_evidence_names_is_in_the_bibliography():
    from openketamine.evidence import load

    known = load.sources()
    named = {
        found
        for path in tracked("src/openketamine/evidence/*/*.toml")
        for found in re.findall(r'\bsource\s*=\s*"([^"]+)"', path.read_text())
    }

    assert named - set(known) == set()


def test_the_version_is_the_same_everywhere():
    from openketamine import __version__

    assert f'version = "{__version__}"' in (ROOT / "pyproject.toml").read_text()
