"""Does every headline tile tell the truth at every instant of a bad afternoon?"""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.proofs.registry import proof

ROOT = Path(__file__).resolve().parent.parent.parent
TAPE = "tests/clinic/monitoring/test_tape.py"


@proof(seed=20261125, small={"instants": 100}, full={"instants": 10000})
def headline_tiles(_chance, *, instants):
    """At so many random instants of a tape with every way in which a device can mislead, each headline tile of
    the chair page shows the newest value that may be charted of this session, with its right age and the diastolic pressure of the
    same measurement, or is struck through, or shows nothing. A stream counts for 10 s, a cuff for its own cycle and a minute.
    """
    environment = {**os.environ, "TAPE_INSTANTS": str(instants), "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", TAPE]
    out = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, check=False)
    assert out.returncode == 0, out.stdout[-2000:]
    assert re.search(r"\b1 passed\b", out.stdout), out.stdout[-500:]
    return {"instants": instants, "tiles_looked_at": 4 * instants, "mismatches": 0}
