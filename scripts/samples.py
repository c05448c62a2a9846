"""Read real device messages kept outside the project: OPENKETAMINE_SAMPLES=DIR make samples."""

import os
import sys
from pathlib import Path

from openketamine.doors.hl7v2.message import split_file
from openketamine.doors.hl7v2.oru import Clinic
from openketamine.doors.hl7v2.read import read
from openketamine.evidence.plausible import ranges


def main() -> int:
    """Print, file by file, what a real clinic would chart and why not."""
    folder = Path(os.environ.get("OPENKETAMINE_SAMPLES", ""))
    files = sorted(folder.rglob("*.hl7")) if folder.name else []
    if not files:
        print("set OPENKETAMINE_SAMPLES to a folder that holds .hl7 files", file=sys.stderr)
        return 2
    clinic = Clinic(frozenset({"P"}), ranges())
    for path in files:
        print(f"\n{path.name}")
        for raw in split_file(path.read_bytes()):
            one = read(raw, clinic)
            print(
                f"  {one.verdict.code} {one.verdict.reason} device={one.device} pump={one.pump} alarms={one.device_alarms}"
            )
            for seen in one.readings:
                print(
                    f"  {'+' if seen.charted else '-'} {seen.signal} {seen.value} {seen.unit} {seen.time:%Y-%m-%d %H:%M:%S} {seen.time_source} {seen.reason}"
                )
    return 0


if __name__ == "__main__":
    sys.exit(main())
