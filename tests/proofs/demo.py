"""Proofs about the demo's processes: how soon it starts again, how soon a killed process is back, and that no confirmed row is lost."""

import os
import signal
import tempfile
import time
from pathlib import Path

from tests.processes import Clinic, wait_until
from tests.proofs.registry import proof

from openketamine.site.supervisor import answers

PROCESSES = ("serve", "listen", "work", "monitors")


@proof(seed=1, small={"starts": 1, "limit_s": 30}, full={"starts": 5, "limit_s": 5}, slow=True)
def demo_starts_again(_rng, *, starts, limit_s):
    """A demo that is there already answers within the limit after it is started again."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "demo"
        home.mkdir()
        clinic = Clinic(home)
        began = time.perf_counter()
        with clinic:
            first = time.perf_counter() - began
            again = []
            for _ in range(starts):
                clinic.stop()
                began = time.perf_counter()
                clinic.start()
                again.append(time.perf_counter() - began)

    assert max(again) < limit_s, f"the slowest start took {max(again):.1f} s"
    return {"first_start_s": round(first, 2), "slowest_next_start_s": round(max(again), 2), "next_starts": starts}


@proof(seed=2, small={"kills": 1, "limit_ms": 2000}, full={"kills": 100, "limit_ms": 2000}, slow=True)
def killed_processes_come_back(rng, *, kills, limit_ms):
    """A process of the demo that is killed is back within the limit, and no row that was confirmed before is lost."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "demo"
        home.mkdir()
        with Clinic(home) as clinic:
            visitor, infusion = clinic.sign_in("nils"), clinic.look()["chairs"]["Chair 1"]
            back, confirmed = [], []
            for number in range(kills):
                name = str(rng.choice(PROCESSES))
                time.sleep(float(rng.uniform(0, 0.5)))
                victim = clinic.children()[name]
                os.kill(victim, signal.SIGKILL)
                value = 90.0 + number
                confirmed += [[infusion, value]] if visitor.type_check(infusion, value) else []
                back.append(wait_until(lambda name=name, gone=victim: clinic.children().get(name, gone) != gone, 10))
                wait_until(lambda: answers(clinic.port), 30)
            kept = clinic.look()

    lost = [one for one in confirmed if one not in kept["typed"]]
    assert lost == [], f"{len(lost)} confirmed rows are lost"
    assert kept["broken"] is None, f"the audit chain is broken at {kept['broken']}"
    assert max(back) * 1000 < limit_ms, f"the slowest came back after {max(back):.1f} s"
    return {"kills": kills, "confirmed_rows": len(confirmed), "lost_rows": 0, "slowest_return_s": round(max(back), 2)}
