"""The MLLP listener: frame, write down, then answer. Messages that arrive together are committed together."""

import asyncio
import ipaddress
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from openketamine.doors.hl7v2 import ack
from openketamine.doors.hl7v2.inbox import AckState, Arrived, Inbox, Policy
from openketamine.doors.hl7v2.message import Hl7Error, Message, parse, split_file
from openketamine.doors.hl7v2.mllp import Frame, Framer, framed
from openketamine.doors.hl7v2.read import device_of

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
CHUNK = 65536
HEADER = b"MSH"
GATHERED_S = 0.01  # a commit to the disk costs as much for ten messages as for one
LET_GO_AT_ONCE = 100  # written in less than the time for which messages are gathered
QUIET_AFTER = 20  # so many times a batch waits for a moment in which nobody waits for an answer; then it comes between two commits


@dataclass(frozen=True, slots=True)
class Limits:
    """Who may speak here, how long a message may be (bytes), how long silence lasts (seconds), how many connections."""

    allowed: Sequence[Network] = LOOPBACK
    longest: int = 1_000_000
    idle_s: float = 600.0
    connections: int = 2000


class Listener:
    """Serves connections; one writer commits to the inbox."""

    def __init__(self, inbox: Inbox, limits: Limits, clock: Callable[[], datetime]) -> None:
        self._inbox, self._limits, self._clock = inbox, limits, clock
        self._waiting: asyncio.Queue[tuple[Arrived, asyncio.Future[int]]] = asyncio.Queue()
        self._answered: list[tuple[int, AckState]] = []
        self._open = 0
        self._committing = False
        self._file = asyncio.Lock()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Talk with one sender until it leaves or falls silent."""
        peer = str((writer.get_extra_info("peername") or ("unknown",))[0])
        self._open += 1
        try:
            if self._welcome(peer):
                await self._converse(peer, reader, writer)
        except (OSError, TimeoutError, asyncio.CancelledError):
            return  # the sender left, fell silent, or the listener is ending: what was stored stays stored
        finally:
            self._open -= 1
            writer.close()

    async def write_down(self) -> None:
        """Commit what is waiting, forever: everything that has arrived meanwhile, or arrives in a moment, shares one commit."""
        while True:
            batch = [await self._waiting.get()]
            self._committing = True
            await asyncio.sleep(GATHERED_S)
            while not self._waiting.empty():
                batch.append(self._waiting.get_nowait())
            await self._commit(batch)
            self._committing = False

    async def _commit(self, batch: list[tuple[Arrived, asyncio.Future[int]]]) -> None:
        try:
            async with self._file:
                numbers = await asyncio.to_thread(self._inbox.store, [one for one, _ in batch])
        except Exception as error:  # noqa: BLE001 - a full disk must not end the listener: the sender gets no answer and sends again
            sys.stderr.write(f"openketamine: inbox cannot be written: {error}\n")
            for _, promise in batch:
                promise.cancel()
            return
        for (_, promise), number in zip(batch, numbers, strict=True):
            if not promise.done():
                promise.set_result(number)

    async def note_answers(self) -> None:
        """Note which answers have left; called now and then, and when the listener ends."""
        answered, self._answered = self._answered, []
        if answered:
            async with self._file:
                await asyncio.to_thread(self._inbox.answered, answered)

    async def let_go(self, policy: Callable[[], Policy | None], held: Callable[[Sequence[int]], set[int]]) -> bool:
        """Let go of the bytes of a few messages that the clinic keeps no longer; say whether there may be more.

        Whoever waits for an answer comes first: a message that arrives meanwhile is being gathered while this is written.
        """
        now = await asyncio.to_thread(policy)
        if now is None:
            return False
        async with self._file:
            numbers = await asyncio.to_thread(self._inbox.aged, now, self._clock(), LET_GO_AT_ONCE)
        if numbers:
            kept = await asyncio.to_thread(held, numbers)
            await self._quiet()
            async with self._file:
                await asyncio.to_thread(self._inbox.let_go, numbers, kept, now.days)
        return len(numbers) == LET_GO_AT_ONCE

    async def _quiet(self) -> None:
        for _ in range(QUIET_AFTER):
            if not self._committing:
                return
            await asyncio.sleep(GATHERED_S)

    def _welcome(self, peer: str) -> bool:
        try:
            address = ipaddress.ip_address(peer.split("%", maxsplit=1)[0])
        except ValueError:
            return False
        known = any(address in network for network in self._limits.allowed)
        return known and self._open <= self._limits.connections

    async def _converse(self, peer: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        framer = Framer(self._limits.longest)
        while data := await self._heard(reader):
            for frame in framer.feed(data):
                await self._take(frame, peer, writer)

    async def _heard(self, reader: asyncio.StreamReader) -> bytes:
        async with asyncio.timeout(self._limits.idle_s):
            return await reader.read(CHUNK)

    async def _take(self, frame: Frame, peer: str, writer: asyncio.StreamWriter) -> None:
        """Write down one frame and answer it; a batch is so many messages, each with its own answer."""
        for one in messages_in(frame):
            at = self._clock()
            message, verdict = judged(one)
            number = await self._stored(_arrived(one, message, verdict, peer, at))
            if number is not None:
                await self._answer(number, message, verdict, at, writer)

    async def _stored(self, arrived: Arrived) -> int | None:
        """Return the number under which a message was written down; None when it could not be."""
        promise: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting.put_nowait((arrived, promise))
        try:
            return await promise
        except asyncio.CancelledError:
            if promise.cancelled():
                return None
            raise

    async def _answer(
        self, number: int, message: Message | None, verdict: ack.Verdict, at: datetime, writer: asyncio.StreamWriter
    ) -> None:
        answers = [one for one in (verdict.code, verdict.later) if one]
        texts = [ack.text(message, verdict, stamp(at), f"OK{number}", code) for code in answers]
        if texts:
            self._answered.append((number, await _send(writer, b"".join(framed(text) for text in texts))))


def messages_in(frame: Frame) -> list[Frame]:
    """Return the messages of a frame: one, or so many as a batch (FHS, BHS) or a lost frame end has run together."""
    if frame.data.startswith(HEADER) and frame.data.count(HEADER) == 1:
        return [frame]
    parts = [] if frame.fault else split_file(frame.data)
    return [Frame(part) for part in parts] if len(parts) > 1 or frame.data[:3] in {b"FHS", b"BHS"} else [frame]


def _arrived(frame: Frame, message: Message | None, verdict: ack.Verdict, peer: str, at: datetime) -> Arrived:
    near = _loopback(peer)
    device = device_of(message, "" if near else peer) if message else peer
    control_id = message.control_id if message else ""
    return Arrived(at, peer, control_id, device, verdict.outcome, verdict.code, verdict.reason, frame.data)


@lru_cache(maxsize=1024)
def _loopback(peer: str) -> bool:
    """This machine's own address tells no two senders apart."""
    try:
        return ipaddress.ip_address(peer).is_loopback
    except ValueError:
        return False


def judged(frame: Frame) -> tuple[Message | None, ack.Verdict]:
    """Parse and judge a frame; what is no message is an error, what is no frame is dropped without an answer."""
    if frame.fault:
        silent = frame.fault.startswith("bytes outside")
        return None, ack.Verdict(None if silent else "AE", "dropped", frame.fault)
    try:
        message = parse(frame.data)
    except Hl7Error as error:
        return None, ack.malformed(str(error))
    return message, ack.verdict(message)


def stamp(at: datetime) -> str:
    """Return an instant as an HL7 time with its zone."""
    return at.strftime("%Y%m%d%H%M%S%z")


async def _send(writer: asyncio.StreamWriter, answer: bytes) -> AckState:
    try:
        writer.write(answer)
        await writer.drain()
    except OSError:
        return AckState.FAILED
    return AckState.SENT
