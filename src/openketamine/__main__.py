"""`python -m openketamine` is the command line."""

from openketamine.site.cli import main

main()
