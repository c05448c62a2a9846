"""HL7 v2 text to a tree of segments, fields, repetitions and components; separators come from the message itself.

Errors:
    Hl7Error
    └── MalformedError   the bytes are no HL7 v2 message
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

SEGMENT_BREAK = re.compile(r"\r\n|\r|\n")
CHARSET_FIELD = 17  # MSH-18: the separator itself is MSH-1
STANDARD_MARKS = "|^~\\&"
FEWEST_MARKS = 3  # the field, component and repetition separators; what is missing behind them is the standard's own
NULL = '""'  # HL7's word for "delete what you have": no value
# HL7 table 0211; single-byte text is read even when the name is wrong, because separators and numbers are ASCII.
CHARSETS = {
    "ASCII": "utf-8", "UNICODE": "utf-8", "UNICODE UTF-8": "utf-8", "UTF-8": "utf-8", "ISO IR6": "utf-8",
    **{f"8859/{part}": f"iso8859-{part}" for part in (1, 2, 3, 4, 5, 6, 7, 8, 9, 15)},
    "GB 18030-2000": "gb18030", "BIG-5": "big5", "KS X 1001": "euc_kr", "ISO IR87": "iso2022_jp",
}  # fmt: skip
FILE_SEGMENTS = re.compile(rb"(?:^|[\r\n])[ \t]*(?:FHS|BHS|BTS|FTS)[^A-Za-z0-9\r\n][^\r\n]*")
MESSAGE_START = re.compile(rb"(?:^|(?<=[\r\n\x0b\x1c\xbf]))[ \t]*MSH[^A-Za-z0-9\s]")
FRAME_MARKS = b"\x0b\x1c"


class Hl7Error(ValueError):
    """Something about a message is wrong."""


class MalformedError(Hl7Error):
    """The bytes are no HL7 v2 message; the text says why."""


class Segment(NamedTuple):
    """One segment: its name and its raw fields, numbered as the standard does (field 1 first)."""

    name: str
    fields: tuple[str, ...]
    separators: str

    def field(self, number: int) -> str:
        """Return the raw text of a field; empty when it is not there or is HL7's null."""
        try:
            text = self.fields[number - 1]
        except IndexError:
            return ""
        return "" if text == NULL else text

    def component(self, number: int, component: int = 1) -> str:
        """Return one component of the first repetition of a field, unescaped."""
        try:
            text = self.fields[number - 1]
        except IndexError:
            return ""
        if not text or text == NULL:
            return ""
        parts = split_components(text, self.separators)
        return parts[component - 1] if component <= len(parts) else ""

    def components(self, number: int) -> tuple[str, ...]:
        """Return all components of the first repetition of a field, unescaped."""
        return split_components(self.field(number), self.separators)

    def repetitions(self, number: int) -> tuple[str, ...]:
        """Return the raw repetitions of a field that hold anything."""
        text = self.field(number)
        return tuple([part for part in text.split(self.separators[2]) if part.strip()]) if text else ()


@lru_cache(maxsize=8192)
def split_components(text: str, separators: str) -> tuple[str, ...]:
    """Return all components of the first repetition of a field's text, unescaped. Monitors say the same codes all day: remembered."""
    if separators[2] in text:
        text = text.split(separators[2], 1)[0]
    parts = text.split(separators[1])
    if separators[3] in text:
        return tuple(unescape(part, separators) for part in parts)
    return tuple(parts)


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
        return self.header.component(9, 1).strip(), self.header.component(9, 2).strip()

    @property
    def control_id(self) -> str:
        """MSH-10. Not a unique key: devices restart it."""
        return self.header.component(10)

    def named(self, name: str) -> tuple[Segment, ...]:
        """Return all segments of one name, in order."""
        return tuple([segment for segment in self.segments if segment.name == name])

    def first(self, name: str) -> Segment:
        """Return the first segment of one name, or an empty one."""
        return next(iter(self.named(name)), Segment(name, (), self.header.separators))


def parse(raw: bytes) -> Message:
    """Parse one message; raises MalformedError."""
    raw = raw.strip(b"\x0b\x1c\r\n \t\x00").removeprefix(b"\xef\xbb\xbf")
    if not raw.startswith(b"MSH") or len(raw) < len(b"MSH|^~\\&"):
        raise MalformedError("does not begin with an MSH segment")
    separators = _separators(raw[3 : 4 + len(STANDARD_MARKS)])
    text = _decode(raw, separators)
    lines = SEGMENT_BREAK.split(text) if "\n" in text else text.split("\r")
    return Message(tuple([_segment(line, separators) for line in lines if line and not line.isspace()]))


def split_file(data: bytes) -> list[bytes]:
    """Divide a file, or a batch in one frame, into messages: framed or not, separated by CR, LF or CRLF, batch headers left out."""
    data = FILE_SEGMENTS.sub(b"", data)
    starts = [found.start() for found in MESSAGE_START.finditer(data)]
    if not starts:
        return [data] if data.strip() else []
    lead = [data[: starts[0]]] if data[: starts[0]].strip(b"\x0b\r\n \t\xef\xbb\xbf") else []
    return lead + [
        data[start:end].strip(FRAME_MARKS) for start, end in zip(starts, [*starts[1:], len(data)], strict=True)
    ]


def unescape(text: str, separators: str) -> str:
    r"""Undo \F\ \S\ \R\ \E\ \T\, hexadecimal \Xhh..\ and line breaks \.br\; highlighting \H\ \N\ goes; others stay as they are."""
    escape = separators[3]
    if escape not in text:
        return text
    marks = {"F": separators[0], "S": separators[1], "R": separators[2], "E": escape, "T": separators[4]}
    mark = re.escape(escape)
    pattern = rf"{mark}([FSRETHN]|X(?:[0-9A-Fa-f]{{2}})+|\.br){mark}"
    return re.sub(pattern, lambda found: _meant(found[1], marks), text)


def _meant(code: str, marks: dict[str, str]) -> str:
    if code[0] == "X":
        return bytes.fromhex(code[1:]).decode("utf-8", errors="replace")
    return "\n" if code == ".br" else marks.get(code, "")


@lru_cache(maxsize=256)
def _separators(start: bytes) -> str:
    """Return the five separators: MSH-1, then as many as MSH-2 gives, then the standard's own."""
    bar = chr(start[0])
    marks = bar + start[1:].decode("latin-1").split(bar, 1)[0][: len(STANDARD_MARKS) - 1]
    usable = len(set(marks)) == len(marks) and not any(mark.isalnum() or mark.isspace() for mark in marks)
    if len(marks) < FEWEST_MARKS or not usable:
        raise MalformedError("MSH-1 and MSH-2 do not give usable separators")
    return marks + "".join(mark if mark not in marks else "\x00" for mark in STANDARD_MARKS[len(marks) :])


def _decode(raw: bytes, separators: str) -> str:
    try:
        return raw.decode(_charset(raw, separators))
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _charset(raw: bytes, separators: str) -> str:
    """Return the encoding that MSH-18 names."""
    bar = separators[0].encode("latin-1")
    ends = [end for mark in (b"\r", b"\n") if (end := raw.find(mark)) >= 0]
    header = raw[: min(ends, default=len(raw))].split(bar)
    named = header[CHARSET_FIELD] if len(header) > CHARSET_FIELD else b""
    return (
        CHARSETS.get(named.decode("latin-1").split(separators[2], 1)[0].strip().upper(), "utf-8") if named else "utf-8"
    )


def _segment(line: str, separators: str) -> Segment:
    bar = separators[0]
    name, *fields = line.split(bar)
    name = name.strip()
    return Segment(name, (bar, *fields) if name == "MSH" else tuple(fields), separators)
