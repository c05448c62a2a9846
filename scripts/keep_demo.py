"""Keep a demo clinic of this version for later ones to upgrade: `python scripts/keep_demo.py tests/repo/kept/NAME.sql.xz`.

The demo's people are invented and their sign-ins are random; tests/repo/test_migrations.py upgrades every clinic kept.
"""

import lzma
import os
import sqlite3
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))


def main(out: Path) -> None:
    """Make a demo clinic and write its database as compressed SQL."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["OPENKETAMINE_HOME"] = home
        from openketamine.site.commands.django_setup import setup

        setup()
        from openketamine.site import demo_clinic

        demo_clinic.prepare(speed=10, known="")
        with sqlite3.connect(Path(home) / "clinic.sqlite3") as opened:
            text = "\n".join(opened.iterdump())
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))
    print(f"{out}: {out.stat().st_size} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
