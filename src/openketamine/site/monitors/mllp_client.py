"""A virtual monitor's side of MLLP: connect, send, wait for the answer, and try again when nobody is there."""

import asyncio

PATIENCE_S = 5.0
START, END = b"\x0b", b"\x1c\r"


class MllpClient:
    """One connection, made anew when it breaks. What cannot be sent now is dropped: the next sample is newer."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def send(self, message: bytes) -> bool:
        """Send one message; return whether it was acknowledged with acceptance."""
        try:
            return await asyncio.wait_for(self._exchange(message), PATIENCE_S)
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            self.close()
            return False

    def close(self) -> None:
        """Give the connection up."""
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None

    async def _exchange(self, message: bytes) -> bool:
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(self.host, self.port)
        self._writer.write(START + message + END)
        await self._writer.drain()
        answer = await self._reader.readuntil(END)
        return b"MSA|AA" in answer
