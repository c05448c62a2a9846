"""The command line. stdout holds only the result; messages go to stderr; imports are lazy.

Exit 0 done; 1 ran and found faults, or an internal failure; 2 bad input, in one line that names field, value and limit.
"""

import importlib
import sys
from collections.abc import Sequence

from openketamine.site.commands.io import BadInput

COMMANDS = {
    "demo": "start the demo clinic",
    "found-clinic": "create a real clinic with its owner",
    "serve": "serve the pages of a clinic",
    "listen": "receive device messages (HL7 v2 over MLLP)",
    "work": "turn messages into readings and alarms, sweep what is due",
    "monitors": "send the demo's virtual monitors to a listener",
    "simulate": "predicted level and effects of given doses",
    "replay": "run recorded readings through the alarm rules",
    "tape": "write what a session's alarms were given, for replay",
    "read-hl7": "say what device messages would chart",
    "inbox": "list stored device messages",
    "assess": "candidacy rules against facts",
    "score": "score a questionnaire",
    "check-evidence": "check every evidence file",
    "import-fhir": "take in a referral (FHIR R4 Bundle)",
    "import-courses": "take in patients in the middle of a course (CSV)",
    "export": "write a patient's record in open formats",
    "incident": "freeze a session into one signed bundle, or check one",
    "migrate": "bring the database up to date",
    "tls-setup": "make a local certificate authority and a server certificate",
}


def main(argv: Sequence[str] | None = None) -> None:
    """Run one command and exit with its code."""
    sys.exit(run(list(sys.argv[1:] if argv is None else argv)))


def run(argv: list[str]) -> int:
    """Return the exit code of the command named first in `argv`."""
    if not argv or argv[0] in {"-h", "--help"}:
        print(usage(), file=sys.stderr)
        return 0 if argv else 2
    if argv[0] not in COMMANDS:
        print(f"openketamine: {argv[0]}: unknown command\n{usage()}", file=sys.stderr)
        return 2
    return _guarded(argv)


def usage() -> str:
    """List the commands."""
    lines = [f"  {name:<15} {text}" for name, text in COMMANDS.items()]
    return "\n".join(["usage: openketamine COMMAND [ARGUMENTS]", *lines])


def _guarded(argv: list[str]) -> int:
    """Run a command; bad input is one line and exit 2, anything unforeseen one line and exit 1."""
    try:
        module = importlib.import_module(f"openketamine.site.commands.{argv[0].replace('-', '_')}")
        return int(module.run(argv[1:]))
    except BadInput as error:
        print(f"openketamine: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        return 1
    except KeyboardInterrupt:
        return 0
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 1
    except Exception as error:  # noqa: BLE001 - the outermost frame: a user never sees a traceback
        print(
            f"openketamine: internal failure: {type(error).__name__}: {' '.join(str(error).split())}", file=sys.stderr
        )
        return 1
