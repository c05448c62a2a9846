"""A clinic in a folder of its own whose listener and worker are forked, killed and forked again. Run by the proof `kill_nine`."""

import os
import random
import socket
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path


def main(home, kills, seed):
    """Kill the listener under load, then the worker; print what was found."""
    from openketamine.site.commands.django_setup import setup

    setup(home, "")
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    chance = random.Random(seed)
    _clinic()
    acknowledged = _listeners(Path(home), kills, chance)
    _workers(kills, chance)
    sys.stdout.write(" ".join(f"{name}={value}" for name, value in _found(acknowledged, kills).items()))


def _clinic():
    from tests.builders import make_clinic, make_watch

    from openketamine.clinic.monitoring import actions
    from openketamine.clinic.monitoring.models import Chair, Device

    at = datetime.now(UTC) - timedelta(hours=1)
    make_clinic(device_stream=True, session_alarms=True)
    chair = Chair.objects.create(name="Chair 1")
    device = Device.objects.create(identity="MON", first_seen_at=at)
    actions.accept_device(device=device, chair=chair, by="nils", at=at)
    make_watch(chair, at=at)


def _forked(work):
    """Run work in a child; the parent gets its process id."""
    from django.db import connections

    connections.close_all()
    pid = os.fork()
    if pid == 0:
        try:
            work()
        finally:
            os._exit(0)
    return pid


def _listeners(home, kills, chance):
    """Send without pause while the listener is killed again and again; return the control ids that were acknowledged."""
    from tests.proofs.kill import say, wait_for_port

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    acknowledged, number = [], 0
    for _ in range(kills):
        pid = _forked(lambda: _listen(home, port))
        wait_for_port(port)
        until = time.monotonic() + chance.uniform(0.02, 0.35)
        stopper = _forked(lambda until=until, pid=pid: (time.sleep(max(0, until - time.monotonic())), os.kill(pid, 9)))
        while time.monotonic() < until + 0.05:
            number += 1
            if say(port, _message(number)):
                acknowledged.append(f"K{number}")
        os.waitpid(stopper, 0)
        os.waitpid(pid, 0)
    return acknowledged


def _listen(home, port):
    import asyncio

    from openketamine.doors.hl7v2.listener import Limits
    from openketamine.site import settings
    from openketamine.site.commands.listen import receive
    from openketamine.site.commands.serve import listening

    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    with listening("127.0.0.1", port) as bound:
        asyncio.run(receive(bound, settings.INBOX_PATH, Limits()))


def _message(number):
    at = datetime.now(UTC)
    stamp = f"{at:%Y%m%d%H%M%S}.{at.microsecond // 1000:03d}+0000"
    rows = [f"MSH|^~\\&|MON||||{stamp}||ORU^R01|K{number}|P|2.6", "PID|||X", "OBR|1"]
    rows += [f"OBX|{i}|NM|0^{name}^MDC|{i}|{value}|{unit}|||||R|||{stamp}" for i, (name, value, unit) in enumerate(
        (("MDC_PULS_OXIM_SAT_O2", 90 + number % 10, "%"), ("MDC_ECG_HEART_RATE", 60 + number % 50, "/min")), 1)]  # fmt: skip
    return "\r".join(rows)


def _workers(kills, chance):
    """Kill the worker again and again while it charts, and let a last one finish."""
    from tests.proofs.kill import end

    for _ in range(kills):
        pid = _forked(_work)
        time.sleep(chance.uniform(0.01, 0.12))
        end(pid)
    from openketamine.site.worker import Worker

    worker = Worker()
    worker.round()
    worker.inbox.close()


def _work():
    from openketamine.doors.hl7v2 import drain
    from openketamine.site import worker

    drain.AT_ONCE = worker.AT_ONCE = 7
    one = worker.Worker()
    while True:
        one.round()
        time.sleep(0.005)


def _found(acknowledged, kills):
    from django.db.models import Count

    from openketamine.clinic.monitoring.models import Reading
    from openketamine.doors.hl7v2.inbox import Inbox
    from openketamine.site import settings

    inbox = Inbox(settings.INBOX_PATH)
    stored = [one.arrived.control_id for one in inbox.since(0)]
    twice = Reading.objects.values("signal", "observed_at", "value").annotate(n=Count("pk")).filter(n__gt=1).count()
    return {
        "kills_of_listen": kills, "kills_of_work": kills, "acknowledged": len(acknowledged), "stored": len(stored),
        "acknowledged_lost": len(set(acknowledged) - set(stored)), "readings": Reading.objects.count(), "charted_twice": twice,
        "not_charted": 2 * len(stored) - Reading.objects.count(),
    }  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
