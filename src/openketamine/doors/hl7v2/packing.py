"""Raw messages packed for the disk, each on its own: zlib that begins with what monitors say again and again.

A codec names the way back for good. Its dictionary is never edited: better words are another codec beside it.
"""

import zlib
from collections.abc import Iterable
from enum import StrEnum

WINDOW_BITS, MEMORY, EFFORT = 12, 6, 6
"""Four kilobytes hold a monitor's message and the dictionary; a larger window costs more to make ready than to use."""


class Codec(StrEnum):
    """How the bytes of a message lie in the inbox."""

    ZLIB_1 = "zlib 1"


def pack(raw: bytes) -> tuple[Codec, bytes]:
    """Return the codec that packs now, and the bytes packed by it."""
    packer = zlib.compressobj(EFFORT, zlib.DEFLATED, WINDOW_BITS, MEMORY, zdict=DICTIONARIES[Codec.ZLIB_1])
    return Codec.ZLIB_1, packer.compress(raw) + packer.flush()


def unpack(codec: Codec, packed: bytes) -> bytes:
    """Return the bytes as they came; what the disk has spoiled comes back as it lies, to be named as no message by who reads it."""
    unpacker = zlib.decompressobj(zdict=DICTIONARIES[codec])
    try:
        return unpacker.decompress(packed) + unpacker.flush()
    except zlib.error:
        return packed


def _dictionary(heads: Iterable[str], said: Iterable[str]) -> bytes:
    """Return segments as monitors send them, the most usual last, where they are found cheapest."""
    rows = (f"OBX|{place}|NM|{one}|||||F|||20260101000000.000+0000" for place, one in enumerate(said, start=1))
    return "\r".join((*heads, *rows)).encode("ascii")


FIRST_HEADS = (
    "BHS|^~\\&|FHS|^~\\&|OBX|1||69965^MDC_DEV_MON_PHYSIO_MULTI_PARAM_MDS^MDC|1.0.0.0|||||||X",
    "OBX|2||70053^MDC_DEV_PUMP_INFUS_SYRINGE_MDS^MDC|1.1.0.0|||||||X",
    "OBX|3|ST|184514^MDC_PUMP_STAT^MDC|1.1.2.1|pump-status-infusing||||||R",
    "OBX|4|NM|157784^MDC_FLOW_FLUID_PUMP^MDC|1.1.2.2||265266^MDC_DIM_MILLI_L_PER_HR^MDC^mL/h^mL/h^UCUM",
    "OBX|5|NM|157864^MDC_VOL_FLUID_DELIV^MDC|1.1.2.3||263762^MDC_DIM_MILLI_L^MDC^mL^mL^UCUM",
    "OBR|1|1^MON^0000000000000000^EUI-64|1^MON^0000000000000000^EUI-64|182777000^monitoring of patient^SCT|||20260101000000+0000",
    "MSH|^~\\&|MON|MAKER|||20260101000000+0000||ORU^R40^ORU_R40|1|P|2.6|||AL|NE||UNICODE UTF-8|||IHE_PCD_001^IHE PCD^1.3.6.1.4.1.19376.1.6.1.1.1^ISO",
    "MSH|^~\\&|||||||ORU^R01|1|P|2.4||||||8859/1",
    "PV1||I|^^BED&0&0",
    "MSH|^~\\&|MON||||20260101000000.000+0000||ORU^R01^ORU_R01|1|P|2.6",
    "PID|||X",
    "OBR|1||||||20260101000000.000+0000",
)
FIRST_SAID = (
    "0002-4a05^NBPs^MDIL|0|120|0004-0f20^mmHg^MDIL", "0002-5000^Resp^MDIL|0|15|0004-0ae0^rpm^MDIL",
    "0002-4182^HR^MDIL|0|70|0004-0aa0^bpm^MDIL", "0002-4bb8^SpO2^MDIL|0|97|0004-0220^%^MDIL",
    "150023^MDC_PRESS_BLD_NONINV_MEAN^MDC|1.1.3.1|90|mm[Hg]^mm[Hg]^UCUM", "150022^MDC_PRESS_BLD_NONINV_DIA^MDC|1.1.3.2|80|/min",
    "150021^MDC_PRESS_BLD_NONINV_SYS^MDC|1.1.3.3|120|266016^MDC_DIM_MMHG^MDC", "150344^MDC_TEMP^MDC|1.1.4.1|36.6|268192^MDC_DIM_DEGC^MDC",
    "151728^MDC_AWAY_CO2_ET^MDC|1.1.5.1|38|266016^MDC_DIM_MMHG^MDC", "150033^MDC_PRESS_BLD_ART_SYS^MDC|1.1.6.1|120|266016^MDC_DIM_MMHG^MDC",
    "150034^MDC_PRESS_BLD_ART_DIA^MDC|1.1.6.2|80|266016^MDC_DIM_MMHG^MDC", "151562^MDC_RESP_RATE^MDC|1.1.7.1|15|264928^MDC_DIM_RESP_PER_MIN^MDC",
    "149530^MDC_PULS_OXIM_PULS_RATE^MDC|1.1.1.4|70|264864^MDC_DIM_BEAT_PER_MIN^MDC",
    "147842^MDC_ECG_HEART_RATE^MDC|1.1.1.2|70|264864^MDC_DIM_BEAT_PER_MIN^MDC",
    "150456^MDC_PULS_OXIM_SAT_O2^MDC|1.1.1.1|97|262688^MDC_DIM_PERCENT^MDC",
)  # fmt: skip
DICTIONARIES = {Codec.ZLIB_1: _dictionary(FIRST_HEADS, FIRST_SAID)}
