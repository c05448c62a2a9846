"""Nothing that can be recorded at the chair is shown by its code."""

import pytest

from openketamine.clinic.infusion import names
from openketamine.core.infusion.events import Kind


@pytest.mark.parametrize("kind", Kind)
def test_every_step_has_words_of_its_own(kind):
    assert kind.value in names.KINDS
    assert "_" not in names.kind(kind.value)
