"""What every command that touches the database does first."""

import os
from collections.abc import Iterable
from pathlib import Path


def setup(home: str = "", db: str = "", https_hosts: Iterable[str] = ()) -> None:
    """Start Django for a clinic's home folder and database URL; empty means what the environment or the default says.

    With `https_hosts` pages come over https under these names, and cookies travel over nothing else.
    """
    environment(home, db)
    if hosts := list(https_hosts):
        os.environ["OPENKETAMINE_HTTPS"] = "True"
        os.environ.setdefault("OPENKETAMINE_HOSTS", ",".join(hosts))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openketamine.site.settings")
    import django

    django.setup()
    from openketamine.site import clock

    clock.install()


def only_reading() -> None:
    """From here on this process can read the clinic's database and not write to it, nor make one; nothing may be connected yet."""
    from django.db import connections

    clinic = connections.settings["default"]
    if clinic["ENGINE"] == "django.db.backends.sqlite3":
        clinic["NAME"] = f"{Path(clinic['NAME']).resolve().as_uri()}?mode=ro"
        clinic["OPTIONS"] = {"timeout": clinic["OPTIONS"]["timeout"]}
    else:
        clinic["OPTIONS"] = {"options": "-c default_transaction_read_only=on"}


def environment(home: str, db: str) -> None:
    """Hand a home folder and a database URL on to the settings."""
    if home:
        os.environ["OPENKETAMINE_HOME"] = home
    if db:
        os.environ["OPENKETAMINE_DB"] = db
