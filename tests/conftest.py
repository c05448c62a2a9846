"""What every test has: a clinic home of its own, the network off, missing template variables as failures."""

import os
import tempfile

import pytest

os.environ.setdefault("OPENKETAMINE_HOME", tempfile.mkdtemp(prefix="openketamine-test-"))


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    """A slow hash protects people, not tests."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
