"""Keeps processes of ours alive: one that dies is started again within two seconds, and we say so."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time

LOOK_EVERY_S = 0.2
CALM_S = 1.0
PATIENCE_S = 10.0


class Supervisor:
    """Runs some of our own commands. They end when it ends, even when it is killed: each watches a pipe that only it holds."""

    def __init__(self, commands: dict[str, list[str]]) -> None:
        self.commands = commands
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self._started: dict[str, float] = {}

    def start(self, name: str) -> None:
        """Start one process."""
        command = [sys.executable, "-m", "openketamine.site.supervisor", *self.commands[name]]
        self.running[name] = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        self._started[name] = time.monotonic()

    def look(self) -> None:
        """Start again whatever has ended, at most once a second."""
        for name, process in list(self.running.items()):
            if process.poll() is None or time.monotonic() - self._started[name] < CALM_S:
                continue
            say(f"{name} ended (code {process.returncode}); starting it again")
            self.start(name)

    def wait_for(self, name: str, port: int) -> None:
        """Wait until a process answers on its port; raises ChildProcessError when it ends instead."""
        while not answers(port):
            if self.running[name].poll() is not None:
                raise ChildProcessError(f"{name} ended with code {self.running[name].returncode}; its reason is above")
            time.sleep(LOOK_EVERY_S / 4)

    def keep_alive(self) -> None:
        """Watch until interrupted."""
        while True:
            time.sleep(LOOK_EVERY_S)
            self.look()

    def end(self) -> None:
        """End all processes; one that does not listen is killed."""
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            try:
                process.wait(timeout=PATIENCE_S)
            except subprocess.TimeoutExpired:
                process.kill()


def answers(port: int) -> bool:
    """Say whether something on this machine accepts connections on a port."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def say(text: str) -> None:
    """Tell whoever watches the terminal."""
    print(f"openketamine: {text}", file=sys.stderr, flush=True)


def end_with_parent() -> None:
    """End this process when the other end of its standard input is gone."""
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(PATIENCE_S)
    os._exit(1)


if __name__ == "__main__":
    from openketamine.site.cli import main

    threading.Thread(target=end_with_parent, daemon=True).start()
    main()
