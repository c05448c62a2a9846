"""Messages packed for the disk come back to the byte, today and in ten years."""

import hashlib
import random
from datetime import timedelta

import pytest
from bench import monitors
from tests.builders import AT

from openketamine.doors.hl7v2.packing import DICTIONARIES, Codec, pack, unpack

A_MESSAGE = monitors.message("MON", "C1", AT + timedelta(milliseconds=123), monitors.VALUES)[1:-2]


@pytest.mark.parametrize("raw", [A_MESSAGE, b"", b"\x00\xff", random.Random(1).randbytes(300_000), A_MESSAGE * 200])
def test_whatever_came_comes_back(raw):
    assert unpack(*pack(raw)) == raw


def test_a_monitor_s_message_takes_less_than_a_fifth():
    assert len(A_MESSAGE) > 900
    assert len(pack(A_MESSAGE)[1]) < 180


def test_the_dictionary_of_a_codec_is_never_edited():
    assert hashlib.sha256(DICTIONARIES[Codec.ZLIB_1]).hexdigest() == SHA256_OF_ZLIB_1


def test_what_was_packed_by_the_first_release_is_read_for_ever():
    assert (
        unpack(Codec.ZLIB_1, bytes.fromhex(PACKED_BY_ZLIB_1))
        == b"MSH|^~\\&|MON||||20260302090000+0000||ORU^R01|C1|P|2.6\rPID|||X"
    )


def test_bytes_that_the_disk_has_spoiled_come_back_as_they_lie():
    codec, packed = pack(A_MESSAGE)
    spoiled = packed[:40] + bytes([packed[40] ^ 0xFF]) + packed[41:]

    assert unpack(codec, spoiled) == spoiled


SHA256_OF_ZLIB_1 = "4ba9e37be0276f7db5e70419a70e68c8714ea191d89e9ac71dc90b6988c1abdf"
PACKED_BY_ZLIB_1 = "48a88cafa6dbc35acb181b1819581a60d43035ce68550b003ad1123f"
