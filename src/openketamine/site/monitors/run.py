"""Four virtual monitors: what was measured before the show in one message each, then live values until the process ends."""

import asyncio
import math
from collections.abc import Iterable
from datetime import datetime, timedelta

import numpy as np
from asgiref.sync import sync_to_async

from openketamine.core.teaching.virtual_patient import Happening, Physiology, VirtualPatient, What, measured, truth
from openketamine.evidence import pharmacology
from openketamine.evidence.virtual_patients import virtual_patient
from openketamine.site import demo_lives
from openketamine.site.monitors import acts, show
from openketamine.site.monitors.hl7_writer import Sample, oru
from openketamine.site.monitors.mllp_client import MllpClient

STREAMS = ("heart_rate", "spo2", "respiratory_rate")
CUFF = ("nibp_systolic", "nibp_diastolic")
EVERY_S = 0.4
PER_MIN = 6
"""How often a minute is told of that lies before now."""
CUFF_EVERY_MIN = 10
RECOVERY_CUFF_EVERY_MIN = 15
LOOKS_IN_EVERY = timedelta(seconds=15)


class Monitor:
    """The monitor of one chair."""

    def __init__(self, chair: int, client: MllpClient) -> None:
        self.chair, self.client = chair, client
        self.person = virtual_patient(f"chair_{chair}")
        self.physiology = Physiology(pharmacology.pk_model("kamp2020_racemic"), pharmacology.haemodynamics())
        self.chance = np.random.Generator(np.random.PCG64(chair))
        self.infusion, self.done, self.sent, self.last_cuff = "", set[Happening](), 0, 0.0
        self.looked_in: datetime | None = None

    async def beat(self) -> None:
        """Say what there is to say now."""
        seen = await sync_to_async(show.state)(self.chair)
        if seen is None:
            return
        if seen.infusion != self.infusion:
            self.infusion, self.done = seen.infusion, set()
            await self.say(seen.now, self.remembered(seen))
        await self.say(seen.now, self.live(seen))
        for act in self.due(seen):
            await sync_to_async(acts.ACTS[act.what])(seen.infusion)
        if self.looked_in is None or not timedelta() <= seen.now - self.looked_in < LOOKS_IN_EVERY:
            self.looked_in = seen.now
            await sync_to_async(acts.look_in)(seen.infusion, self.found(seen))

    async def say(self, sent: datetime, samples: Iterable[Sample]) -> None:
        """Send one message."""
        self.sent += 1
        await self.client.send(oru(f"VIRTUAL-MONITOR-{self.chair}", f"{self.infusion}-{self.sent}", sent, samples))

    def remembered(self, seen: show.Show) -> list[Sample]:
        """Return what the monitor measured before now; its cuff goes on at its cycle from where it ran last."""
        samples = before(self.person, self.physiology, seen, self.chance)
        self.last_cuff = max((minute_of(seen, one.at) for one in samples if one.signal in CUFF), default=0.0)
        return samples

    def live(self, seen: show.Show) -> list[Sample]:
        """Return what the monitor shows now: the streams, and the cuff when the scenario or its cycle runs it."""
        shown = self.shown(seen)
        off = self.person.probe_is_off(seen.second)
        samples = [Sample(name, None if off and name == "spo2" else shown[name], seen.now) for name in STREAMS]
        pressure = self._pressure(seen, shown)
        if pressure:
            self.last_cuff = minute_of(seen, seen.now)
            samples += [Sample(name, value, seen.now) for name, value in zip(CUFF, pressure, strict=True)]
        return samples

    def shown(self, seen: show.Show) -> dict[str, float]:
        """Return what would be measured now."""
        true = truth(self.person, self.physiology, seen.steps, minute_of(seen, seen.now))
        return measured(self.person, true, self.chance)

    def found(self, seen: show.Show) -> dict[str, float]:
        """Return what a nurse finds who looks in now: what would be measured, the pressure as the scenario has left it, and that all is calm."""
        scripted = [one for one in self.person.happenings if one.what is What.CUFF and one.at_s <= seen.second]
        pressure = self.person.pressure_at(scripted[-1], paused=seen.paused) if scripted else None
        return {**self.shown(seen), **dict(zip(CUFF, pressure or (), strict=False)), **demo_lives.CALM}

    def _pressure(self, seen: show.Show, shown: dict[str, float]) -> tuple[float, float] | None:
        scripted = [one for one in self._happened(seen) if one.what is What.CUFF]
        if scripted:
            self.done.update(scripted)
            return self.person.pressure_at(scripted[-1], paused=seen.paused)
        cycle = cycle_of(self.person)
        own = not any(one.what is What.CUFF for one in self.person.happenings)
        return (
            (shown["nibp_systolic"], shown["nibp_diastolic"])
            if own and minute_of(seen, seen.now) - self.last_cuff >= cycle
            else None
        )

    def due(self, seen: show.Show) -> list[Happening]:
        """Return what people do at this instant of the show, once."""
        found = [one for one in self._happened(seen) if one.what in acts.ACTS]
        self.done.update(found)
        return found

    def _happened(self, seen: show.Show) -> list[Happening]:
        return [one for one in self.person.happenings if one.at_s <= seen.second and one not in self.done]


def before(
    person: VirtualPatient, physiology: Physiology, seen: show.Show, chance: np.random.Generator
) -> list[Sample]:
    """Return what the monitor measured before now: streams since the session was opened, pressures since its start."""
    first, last = (math.ceil(minute_of(seen, at) * PER_MIN) for at in (seen.opened_at, seen.now))
    samples: list[Sample] = []
    for place in range(first, last):
        minute = place / PER_MIN
        at = seen.started_at + timedelta(minutes=minute)
        shown = measured(person, truth(person, physiology, seen.steps, minute), chance)
        samples += [Sample(name, shown[name], at) for name in (*STREAMS, *(CUFF if cuff_ran(person, place) else ()))]
    return samples


def cuff_ran(person: VirtualPatient, place: int) -> bool:
    """Say whether the cuff ran at a place of the minutes told of: every ten minutes of the infusion, every fifteen after it."""
    stopped = None if person.stopped_min is None else round(person.stopped_min * PER_MIN)
    if stopped is None or place <= stopped:
        return place >= 0 and place % (CUFF_EVERY_MIN * PER_MIN) == 0
    return (place - stopped) % (RECOVERY_CUFF_EVERY_MIN * PER_MIN) == 0


def cycle_of(person: VirtualPatient) -> int:
    """Return the minutes between two runs of the cuff."""
    return RECOVERY_CUFF_EVERY_MIN if person.recovering else CUFF_EVERY_MIN


def minute_of(seen: show.Show, at: datetime) -> float:
    """Return the minute of the infusion at an instant."""
    return (at - seen.started_at) / timedelta(minutes=1)


async def run(host: str, port: int, seconds: float | None) -> None:
    """Run the four monitors for so many seconds, or until the process ends."""
    monitors = [Monitor(chair, MllpClient(host, port)) for chair in show.CHAIRS]
    clock = asyncio.get_running_loop().time
    end = clock() + seconds if seconds is not None else None
    while end is None or clock() < end:
        began = clock()
        for monitor in monitors:
            await monitor.beat()
        await asyncio.sleep(max(0.0, EVERY_S - (clock() - began)))
    for monitor in monitors:
        monitor.client.close()
