"""Where a number comes from: the source, the place in it, how good it is and how we know it."""

from dataclasses import dataclass
from enum import StrEnum


class Mark(StrEnum):
    """How we know a value."""

    READ = "read"
    """Read in the source itself."""
    TRANSCRIBED = "transcribed"
    """Read as somebody else's transcription of the source."""
    DERIVED = "derived"
    """Computed by us from read or transcribed values; nobody's published number."""
    ASSUMED = "assumed"
    """No usable source: an engineering default that a clinic has to set or accept."""


@dataclass(frozen=True, slots=True)
class Source:
    """One entry of the bibliography, `evidence/sources.toml`."""

    id: str
    citation: str
    doi: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Citation:
    """A source, the locus in it, the grade of the evidence and the mark of our reading.

    `checked_by` stays empty until a real clinician has checked the value against the source.
    """

    source: str
    locus: str
    mark: Mark
    grade: str = "ungraded"
    checked_by: str = ""

    def __post_init__(self) -> None:
        if not self.source or not self.locus:
            raise ValueError("a citation names its source and the locus in it")

    @property
    def standing(self) -> str:
        """What the screen says about checking."""
        return f"checked by {self.checked_by}" if self.checked_by else "not yet checked by a clinician"
