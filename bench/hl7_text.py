"""The least that reads a 12-OBX message: a hand split that handles escapes, repetitions and components, and nothing else.

It trusts the message: separators are the standard's, segments end in CR, text is UTF-8, nothing is checked and nothing is kept of what
is not asked for. That is the yardstick of how much our own parser's care costs.
"""

VALUES = (
    ("147842^MDC_ECG_HEART_RATE^MDC^HR^HR \\T\\ ECG^L", "72", "264864^MDC_DIM_BEAT_PER_MIN^MDC"), ("150456^MDC_PULS_OXIM_SAT_O2^MDC", "97", "262688^MDC_DIM_PERCENT^MDC"),
    ("149530^MDC_PULS_OXIM_PULS_RATE^MDC", "71", "264864^MDC_DIM_BEAT_PER_MIN^MDC"), ("151562^MDC_RESP_RATE^MDC", "14", "264928^MDC_DIM_RESP_PER_MIN^MDC"),
    ("150021^MDC_PRESS_BLD_NONINV_SYS^MDC~NIBP-S^NIBP-S^L", "128", "266016^MDC_DIM_MMHG^MDC"), ("150022^MDC_PRESS_BLD_NONINV_DIA^MDC", "79", "266016^MDC_DIM_MMHG^MDC"),
    ("150023^MDC_PRESS_BLD_NONINV_MEAN^MDC", "95", "266016^MDC_DIM_MMHG^MDC"), ("150344^MDC_TEMP^MDC", "36.7", "268192^MDC_DIM_DEGC^MDC"),
    ("151728^MDC_AWAY_CO2_ET^MDC", "38", "266016^MDC_DIM_MMHG^MDC"), ("150037^MDC_PRESS_BLD_ART_ABP_SYS^MDC", "126", "266016^MDC_DIM_MMHG^MDC"),
    ("150038^MDC_PRESS_BLD_ART_ABP_DIA^MDC", "77", "266016^MDC_DIM_MMHG^MDC"), ("150039^MDC_PRESS_BLD_ART_ABP_MEAN^MDC", "93", "266016^MDC_DIM_MMHG^MDC"),
)  # fmt: skip
ESCAPES = {"F": "|", "S": "^", "R": "~", "E": "\\", "T": "&"}


def message(number: int) -> bytes:
    """Return an ORU^R01 with twelve values; some text has escapes and repetitions, and every time and number differs."""
    second = f"{number % 60:02d}"
    stamp = f"202603021{number % 10}{number // 60 % 60:02d}{second}.{number % 1000:03d}+0000"
    rows = [
        f"MSH|^~\\&|MON\\T\\3^0019FEFFFE00AB12^EUI-64|WARD||| {stamp}||ORU^R01^ORU_R01|C{number}|P|2.6|||AL|NE||UNICODE UTF-8",
        "PID|||ID1^^^CLINIC^MR~ID2^^^OTHER^PI||Synthetic^Testa^^^^^L", "PV1||O|WARD^ROOM^CHAIR \\S\\ 1", f"OBR|1|A1^MON|A2^MON|CONT^waves|||{stamp}",
    ]  # fmt: skip
    rows += [
        f"OBX|{place}|NM|{code}|1.1.{place}.{number % 7}|{value}|{unit}|40-180~30-200|N~A\\E\\B|||R|||{stamp}||||0019FEFFFE00AB12^^EUI-64"
        for place, (code, value, unit) in enumerate(VALUES, start=1)
    ]
    return ("\r".join(rows) + "\r").encode()


def hand(raw: bytes) -> list[tuple[list[str], float, list[str], str]]:
    """Return code, value, unit and time of every OBX."""
    found = []
    for line in raw.decode().split("\r"):
        if line[:4] == "OBX|":
            field = line.split("|")
            found.append((_parts(field[3]), float(field[5]), _parts(field[6]), field[14]))
    return found


def _parts(text: str) -> list[str]:
    if "~" in text:
        text = text.split("~", 1)[0]
    parts = text.split("^")
    return [_plain(part) for part in parts] if "\\" in text else parts


def _plain(text: str) -> str:
    pieces = text.split("\\")
    return "".join(ESCAPES.get(piece, "") if place % 2 else piece for place, piece in enumerate(pieces))
