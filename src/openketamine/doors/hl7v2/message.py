"""HL7 v2 text to a tree of segments, fields, repetitions and components; separators come from the message itself.

Errors:
    Hl7Error
    └── MalformedError   the bytes are no HL7 v2 message
"""

import re
from dataclasses import dataclass

SEGMENT_BREAK = re.compile(r"\r\n|\r|\n")
CHARSET_FIELD = 17  # MSH-18: the separator itself is MSH-1
CHARSETS = {
    "8859/1": "latin-1",
    "8859/15": "iso8859-15",
    "UNICODE": "utf-8",
    "UNICODE UTF-8": "utf-8",
    "ASCII": "utf-8",
}


class Hl7Error(ValueError):
    """Something about a message is wrong."""


class MalformedError(Hl7Error):
    """The bytes are no HL7 v2 message; the text says why."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment: its name and its raw fields, numbered as the standard does (field 1 first)."""

    name: str
    fields: tuple[str, ...]
    separators: str

    def field(self, number: int) -> str:
        """Return the raw text of a field; empty when it is not there."""
        return self.fields[number - 1] if 0 < number <= len(self.fields) else ""

    def component(self, number: int, component: int = 1) -> str:
        """Return one component of the first repetition of a field, unescaped."""
        first = self.field(number).split(self.separators[2])[0]
        parts = first.split(self.separators[1])
        return unescape(parts[component - 1], self.separators) if component <= len(parts) else ""

    def components(self, number: int) -> tuple[str, ...]:
        """Return all components of the first repetition of a field, unescaped."""
        first = self.field(number).split(self.separators[2])[0]
        return tuple(unescape(part, self.separators) for part in first.split(self.separators[1]))


@dataclass(frozen=True, slots=True)
class Message:
    """A parsed message: MSH first."""

    segments: tuple[Segment, ...]

    @property
    def header(self) -> Segment:
        """The MSH segment; its field 1 is the separator itself."""
        return self.segments[0]

    @property
    def type(self) -> tuple[str, str]:
        """Message type and trigger event, as in ("ORU", "R01")."""
        return self.header.component(9, 1), self.header.component(9, 2)

    @property
    def control_id(self) -> str:
        """MSH-10. Not a unique key: devices restart it."""
        return self.header.component(10)

    def named(self, name: str) -> tuple[Segment, ...]:
        """Return all segments of one name, in order."""
        return tuple(segment for segment in self.segments if segment.name == name)

    def first(self, name: str) -> Segment:
        """Return the first segment of one name, or an empty one."""
        return next(iter(self.named(name)), Segment(name, (), self.header.separators))


def parse(raw: bytes) -> Message:
    """Parse one message; raises MalformedError."""
    raw = raw.strip(b"\x0b\x1c\r\n \t\x00").removeprefix(b"\xef\xbb\xbf")
    if not raw.startswith(b"MSH") or len(raw) < len(b"MSH|^~\\&"):
        raise MalformedError("does not begin with an MSH segment")
    separators = raw[3:8].decode("latin-1")
    if len(set(separators[:4])) < len(separators[:4]) or any(
        mark.isalnum() or mark.isspace() for mark in separators[:4]
    ):
        raise MalformedError("MSH-1 and MSH-2 do not give usable separators")
    lines = [line for line in SEGMENT_BREAK.split(_decode(raw, separators)) if line.strip()]
    return Message(tuple(_segment(line, separators) for line in lines))


def split_file(data: bytes) -> list[bytes]:
    """Divide a file into messages: framed or not, separated by CR, LF or CRLF."""
    starts = [found.start() for found in re.finditer(rb"(?:^|(?<=[\r\n\x0b\x1c\xbf]))MSH[^A-Za-z0-9\s]", data)]
    if not starts:
        return [data] if data.strip() else []
    lead = [data[: starts[0]]] if data[: starts[0]].strip(b"\x0b\r\n \t\xef\xbb\xbf") else []
    return lead + [
        data[start:end].strip(b"\x0b\x1c") for start, end in zip(starts, [*starts[1:], len(data)], strict=True)
    ]


def unescape(text: str, separators: str) -> str:
    r"""Undo \F\ \S\ \R\ \E\ \T\; other escapes are left as they are."""
    escape = separators[3]
    if escape not in text:
        return text
    marks = {"F": separators[0], "S": separators[1], "R": separators[2], "E": escape, "T": separators[4:5] or "&"}
    pattern = re.escape(escape) + "([FSRET])" + re.escape(escape)
    return re.sub(pattern, lambda found: marks[found[1]], text)


def _decode(raw: bytes, separators: str) -> str:
    header = SEGMENT_BREAK.split(raw.decode("latin-1"), maxsplit=1)[0].split(separators[0])
    named = "".join(header[CHARSET_FIELD : CHARSET_FIELD + 1]).split(separators[2])[0].strip().upper()
    try:
        return raw.decode(CHARSETS.get(named, "utf-8"))
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _segment(line: str, separators: str) -> Segment:
    parts = line.split(separators[0])
    name = parts[0].strip()
    fields = [separators[0], *parts[1:]] if name == "MSH" else parts[1:]
    return Segment(name, tuple(fields), separators)
