"""`migrate`: bring a clinic's database up to date."""

import sys

from openketamine.site.commands.arguments import Arguments
from openketamine.site.commands.django_setup import setup


def run(argv: list[str]) -> int:
    """Apply the migrations; messages go to stderr."""
    parser = Arguments("migrate")
    parser.add_argument("--home", default="")
    parser.add_argument("--db", default="")
    options = parser.parse_args(argv)
    setup(options.home, options.db)
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False, stdout=sys.stderr)
    return 0
