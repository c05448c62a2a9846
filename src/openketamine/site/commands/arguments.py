"""Command-line arguments whose faults are bad input: one line, exit 2."""

import argparse
from typing import NoReturn

from openketamine.site.commands.io import BadInput

HIGHEST_PORT = 65535


class Arguments(argparse.ArgumentParser):
    """An argument parser that raises BadInput instead of printing its usage."""

    def error(self, message: str) -> NoReturn:
        """Raise BadInput with argparse's own words."""
        raise BadInput(f"{self.prog.split()[-1]}: {message}")


def port(text: str) -> int:
    """Read a TCP port, 0 to 65535."""
    number = int(text)
    if not 0 <= number <= HIGHEST_PORT:
        raise argparse.ArgumentTypeError(f"{text}: must be a port, 0 to 65535")
    return number
