"""MLLP framing (HL7 Minimal Lower Layer Protocol, release 1): VT, the message, FS, CR. A pure machine over bytes."""

from dataclasses import dataclass, field

VT, FS, CR = b"\x0b", b"\x1c", b"\r"
QUOTED = 4096


@dataclass(frozen=True, slots=True)
class Frame:
    """One message, or the beginning of what was no message together with the fault."""

    data: bytes
    fault: str = ""


@dataclass(slots=True)
class Framer:
    """Turns a stream of bytes into frames. A cut-off, foreign or too long frame becomes a fault and never stops the next."""

    longest: int
    _buffer: bytearray = field(default_factory=bytearray)
    _inside: bool = False
    _dropping: bool = False

    def feed(self, data: bytes) -> list[Frame]:
        """Return the frames that `data` completes, in order."""
        self._buffer += data
        frames: list[Frame] = []
        while (found := self._next()) is not None:
            frames += [found] if found.data or found.fault else []
        return frames

    def _next(self) -> Frame | None:
        return self._end_of_message() if self._inside else self._start_of_message()

    def _start_of_message(self) -> Frame | None:
        start = self._buffer.find(VT)
        if start < 0:
            return self._too_long("bytes outside a frame") if len(self._buffer) > self.longest else None
        foreign = bytes(self._buffer[:start]).strip(b"\r\n \t\x00" + FS)
        del self._buffer[: start + 1]
        self._inside, self._dropping = True, False
        return Frame(foreign[:QUOTED], "bytes outside a frame") if foreign else Frame(b"")

    def _end_of_message(self) -> Frame | None:
        end, again = self._buffer.find(FS), self._buffer.find(VT)
        if again >= 0 and (end < 0 or again < end):
            return self._cut_off(again)
        if end < 0:
            return self._too_long(f"longer than {self.longest} bytes") if len(self._buffer) > self.longest else None
        body = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        self._inside = False
        if self._dropping:
            return Frame(b"")
        return Frame(body[:QUOTED], f"longer than {self.longest} bytes") if len(body) > self.longest else Frame(body)

    def _cut_off(self, again: int) -> Frame:
        body = bytes(self._buffer[:again])
        del self._buffer[: again + 1]
        dropped, self._dropping = self._dropping, False
        return Frame(b"") if dropped else Frame(body[:QUOTED], "cut off: a new frame began before its end")

    def _too_long(self, fault: str) -> Frame | None:
        """Drop what is held, once; the rest of the frame is dropped silently."""
        head, told = bytes(self._buffer[:QUOTED]), self._dropping
        self._buffer.clear()
        self._dropping = True
        return None if told else Frame(head, fault)


def framed(message: bytes) -> bytes:
    """Return a message in its frame."""
    return VT + message + FS + CR
