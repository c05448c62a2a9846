"""A monitor of another maker beside the chair: HL7 over MLLP, written here so that the product's own writer is not its witness."""

import socket
from itertools import count

CODES = {
    "heart_rate": "147842^MDC_ECG_HEART_RATE^MDC", "spo2": "150456^MDC_PULS_OXIM_SAT_O2^MDC", "respiratory_rate": "151562^MDC_RESP_RATE^MDC",
    "nibp_systolic": "150021^MDC_PRESS_BLD_NONINV_SYS^MDC", "nibp_diastolic": "150022^MDC_PRESS_BLD_NONINV_DIA^MDC",
}  # fmt: skip
UNITS = {
    "heart_rate": "/min",
    "spo2": "%",
    "respiratory_rate": "/min",
    "nibp_systolic": "mm[Hg]",
    "nibp_diastolic": "mm[Hg]",
}
START, END = b"\x0b", b"\x1c\r"


class BedsideMonitor:
    """Speaks one message at a time and waits for its acknowledgement."""

    def __init__(self, name, port):
        self.name, self.port, self.numbers = name, port, count(1)

    def say(self, at, **values):
        """Send values measured at an instant; True when they were accepted."""
        time = f"{at:%Y%m%d%H%M%S}+0000"
        rows = [
            f"MSH|^~\\&|{self.name}|WARD|||{time}||ORU^R01^ORU_R01|{self.name}-{next(self.numbers)}|P|2.6",
            "PID|||",
            f"OBR|1||||||{time}",
        ]
        for number, (signal, value) in enumerate(values.items(), start=1):
            rows.append(f"OBX|{number}|NM|{CODES[signal]}|1.0.0.{number}|{value}|{UNITS[signal]}^^UCUM|||||F|||{time}")
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as line:
            line.sendall(START + "\r".join(rows).encode() + b"\r" + END)
            answer = line.recv(4096)
        return b"MSA|AA" in answer
