"""What every test has: a clinic home of its own, the network off, missing template variables as failures."""

import gc
import logging
import os
import tempfile
import uuid
from urllib.parse import quote

import pytest
from django.core.exceptions import ObjectDoesNotExist
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

gc.set_threshold(
    200_000, 50, 100
)  # thousands of tests leave much that lives on: looking through it again and again takes long
os.environ.setdefault("OPENKETAMINE_HOME", tempfile.mkdtemp(prefix="openketamine-test-"))
THEIR_TEMPLATES = ("django/forms/",)  # Django's own widgets ask for attributes that most of them do not have
ASKS_FOR_A_DATABASE = {"db", "transactional_db", "clinic_database"}

hypothesis_settings.register_profile(
    "house",
    deadline=None,  # a slow machine is no fault of the code
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=os.environ.get("OPENKETAMINE_CI") == "True",
)
hypothesis_settings.load_profile("house")


def pytest_addoption(parser):
    parser.addoption("--only-database", action="store_true", help="only tests that touch a database: run on PostgreSQL")
    parser.addoption("--slow", action="store_true", help="also the tests marked slow, as `make test` does")


def pytest_configure(config):
    """The settings have read the database by now; a process that a test starts has one of its own."""
    from django.conf import settings

    assert settings.DATABASES
    os.environ.pop("OPENKETAMINE_DB", None)


def pytest_collection_modifyitems(config, items):
    if config.getoption("--only-database"):
        wanted = [item for item in items if touches_a_database(item)]
        config.hook.pytest_deselected(items=[item for item in items if item not in wanted])
        items[:] = wanted
    items.sort(key=goes_later)
    if not config.getoption("--slow"):
        for item in items:
            if item.get_closest_marker("slow"):
                item.add_marker(pytest.mark.skip(reason="slow: runs with --slow, as `make test` does"))


LONG = ("tests/proofs/", "tests/site/", "tests/repo/")
"""They go first, so that no worker ends alone with one of their files."""


def goes_later(item):
    return not str(item.path.relative_to(item.config.rootpath)).replace("\\", "/").startswith(LONG)


def touches_a_database(item):
    return item.get_closest_marker("django_db") or ASKS_FOR_A_DATABASE & set(item.fixturenames)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix, tmp_path_factory):
    """SQLite in a file, as a clinic has it: threads and processes meet each other as they would there."""
    from django.db import connection

    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "clinic.sqlite3")
        connection.settings_dict["OPTIONS"]["init_command"] += "; PRAGMA synchronous=OFF"  # for speed


@pytest.fixture(autouse=True)
def rows_can_be_cleared(request):
    """A test that commits is cleaned up by deleting rows, which triggers refuse; they are made anew right after."""
    marker = request.node.get_closest_marker("django_db")
    if marker is None or not marker.kwargs.get("transaction"):
        yield
        return
    request.getfixturevalue("transactional_db")
    yield
    from django.db import connection

    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for (name,) in cursor.fetchall():
                cursor.execute(f'DROP TRIGGER "{name}"')


class MissingVariables(logging.Handler):
    """Hears of each variable that a template asks for and nobody gave, also inside `if` and before `default`."""

    def __init__(self):
        super().__init__(logging.DEBUG)
        self.found = []

    def emit(self, record):
        if record.getMessage().startswith("Exception while resolving variable"):
            (name, template), error = record.args, record.exc_info[1]
            nobody_wrote_it_yet = isinstance(error, ObjectDoesNotExist)  # a one-to-one row that is not there is a fact
            if not nobody_wrote_it_yet and not str(template).startswith(THEIR_TEMPLATES):
                self.found.append(f"{template}: {name}: {error}")


@pytest.fixture(autouse=True)
def no_missing_variable():
    """A variable missing in one of our templates fails the test that rendered it."""
    logger, missing = logging.getLogger("django.template"), MissingVariables()
    level = logger.level
    logger.addHandler(missing)
    logger.setLevel(logging.DEBUG)
    yield missing
    logger.removeHandler(missing)
    logger.setLevel(level)
    assert missing.found == []


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    """A slow hash protects people, not tests."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def clinic_database(tmp_path):
    """The URL of an empty database for processes of its own, of the kind this run of the suite is on."""
    from django.conf import settings

    chosen = settings.DATABASES["default"]
    if chosen["ENGINE"].endswith("sqlite3"):
        yield f"sqlite:///{tmp_path / 'clinic.sqlite3'}"
        return
    import psycopg
    from psycopg.sql import SQL, Identifier

    name = f"processes_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(host=chosen["HOST"], user=chosen["USER"], dbname="postgres", autocommit=True) as server:
        server.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        yield f"postgresql://{chosen['USER']}@{quote(chosen['HOST'], safe='')}/{name}"
        server.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))
