"""What every test has: a clinic home of its own, the network off, missing template variables as failures."""

import os
import tempfile

os.environ.setdefault("OPENKETAMINE_HOME", tempfile.mkdtemp(prefix="openketamine-test-"))
