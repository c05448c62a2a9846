"""A bounded generator of bedside monitors: so many, once a second, each on a connection of its own, to this machine only."""

import asyncio
import resource
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

MOST, LONGEST_S, LOOPBACK = 4000, 1200, "127.0.0.1"
VALUES = (
    ("MDC_PULS_OXIM_SAT_O2", 97, "262688^MDC_DIM_PERCENT^MDC"), ("MDC_ECG_HEART_RATE", 70, "264864^MDC_DIM_BEAT_PER_MIN^MDC"),
    ("MDC_RESP_RATE", 15, "264928^MDC_DIM_RESP_PER_MIN^MDC"), ("MDC_PULS_OXIM_PULS_RATE", 70, "264864^MDC_DIM_BEAT_PER_MIN^MDC"),
    ("MDC_TEMP", 36.6, "268192^MDC_DIM_DEGC^MDC"), ("MDC_AWAY_CO2_ET", 38, "266016^MDC_DIM_MMHG^MDC"),
    ("MDC_PRESS_BLD_ART_SYS", 120, "266016^MDC_DIM_MMHG^MDC"), ("MDC_PRESS_BLD_ART_DIA", 80, "266016^MDC_DIM_MMHG^MDC"),
)  # fmt: skip
DANGER = ("MDC_PRESS_BLD_NONINV_SYS", 210, "266016^MDC_DIM_MMHG^MDC")


@dataclass
class Sent:
    """What the monitors have sent and how soon it was acknowledged.

    `dangers` is when each monitor sent its high pressure; `heart` is when each of the first sent each of its heart rates.
    """

    messages: int = 0
    acknowledged: int = 0
    ack_s: list[float] = field(default_factory=list)
    dangers: dict[str, float] = field(default_factory=dict)
    heart: dict[str, list[float]] = field(default_factory=dict)
    cpu_s: float = 0.0
    wall_s: float = 0.0


def heart_rate(second):
    """Return the heart rate of a second, which tells seconds apart on a page and meets no rule."""
    return 60 + second % 30


def message(device, number, at, values):
    """Return one ORU^R01 in its frame."""
    stamp = f"{at:%Y%m%d%H%M%S}.{at.microsecond // 1000:03d}+0000"
    rows = [f"MSH|^~\\&|{device}||||{stamp}||ORU^R01^ORU_R01|{number}|P|2.6", "PID|||X", f"OBR|1||||||{stamp}"]
    rows += [
        f"OBX|{place}|NM|0^{name}^MDC|1.1.1.{place}|{value}|{unit}|||||R|||{stamp}"
        for place, (name, value, unit) in enumerate(values, start=1)
    ]
    return b"\x0b" + "\r".join(rows).encode() + b"\x1c\r"


def run(port, devices, seconds, dangers_per_s=1.0):
    """Send for so many seconds and return what happened; refuses to be unbounded."""
    if len(devices) > MOST or seconds > LONGEST_S:
        raise ValueError(f"at most {MOST} monitors for {LONGEST_S} s")
    before, began = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    sent = asyncio.run(_all(port, devices, seconds, dangers_per_s))
    after = resource.getrusage(resource.RUSAGE_SELF)
    sent.cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    sent.wall_s = time.perf_counter() - began
    return sent


async def _all(port, devices, seconds, dangers_per_s):
    sent, start = Sent(), time.perf_counter() + 1.0
    every = max(1, round(len(devices) / max(1.0, dangers_per_s * seconds)))
    tasks = [
        _monitor(port, device, start + place / len(devices), seconds, sent, danger=(place // every) % seconds if place % every == 0 else -1)
        for place, device in enumerate(devices)
    ]  # fmt: skip
    await asyncio.gather(*tasks)
    return sent


async def _monitor(port, device, start, seconds, sent, danger):
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    for second in range(seconds):
        await asyncio.sleep(max(0.0, start + second - time.perf_counter()))
        values = [
            (name, heart_rate(second) if name == "MDC_ECG_HEART_RATE" else value, unit) for name, value, unit in VALUES
        ]
        values += [DANGER] if second == danger else []
        sent.heart.setdefault(device, []).append(time.time())
        writer.write(message(device, f"{device}-{second}", datetime.now(UTC), values))
        said = time.perf_counter()
        if second == danger:
            sent.dangers[device] = time.time()
        sent.messages += 1
        answer = await reader.readuntil(b"\x1c\r")
        sent.ack_s.append(time.perf_counter() - said)
        sent.acknowledged += b"MSA|AA|" in answer
    writer.close()


if __name__ == "__main__":
    import dataclasses
    import json
    import sys

    json.dump(dataclasses.asdict(run(int(sys.argv[1]), sys.argv[3:], int(sys.argv[2]))), sys.stdout)
