"""Frames out of any stream of bytes."""

from hypothesis import given
from hypothesis import strategies as st

from openketamine.doors.hl7v2.mllp import Frame, Framer, framed

LONGEST = 200


def frames(*chunks):
    framer = Framer(LONGEST)
    return [frame for chunk in chunks for frame in framer.feed(chunk)]


@given(
    st.lists(st.binary(min_size=1, max_size=50).filter(lambda data: not set(data) & {0x0B, 0x1C}), max_size=6),
    st.integers(1, 30),
)
def test_messages_come_out_whole_however_the_stream_is_cut(messages, size):
    stream = b"".join(framed(message) for message in messages)

    found = frames(*[stream[i : i + size] for i in range(0, len(stream), size)])

    assert found == [Frame(message) for message in messages]


@given(st.lists(st.binary(max_size=300), max_size=8))
def test_no_rubbish_stops_the_next_message(rubbish):
    framer = Framer(LONGEST)
    for part in rubbish:
        framer.feed(part)
    framer.feed(b"\x1c\r")

    assert framer.feed(framed(b"MSH|good"))[-1] == Frame(b"MSH|good")


def test_a_huge_message_is_dropped_once_and_the_next_one_is_read():
    found = frames(b"\x0b" + b"x" * 500, b"y" * 500, b"z\x1c\r" + framed(b"MSH|next"))

    assert [(frame.fault, len(frame.data)) for frame in found] == [("longer than 200 bytes", 500), ("", 8)]


def test_a_message_cut_off_by_the_next_is_said_to_be():
    found = frames(b"\x0bMSH|half", framed(b"MSH|whole"))

    assert [(frame.data, frame.fault[:7]) for frame in found] == [(b"MSH|half", "cut off"), (b"MSH|whole", "")]


def test_bytes_outside_a_frame_are_a_fault_of_their_own():
    assert [frame.fault for frame in frames(b"GET / HTTP/1.1\r\n" + framed(b"MSH|"))] == ["bytes outside a frame", ""]


def test_a_flood_without_any_frame_does_not_grow_the_memory():
    framer = Framer(LONGEST)
    faults = [frame.fault for _ in range(20) for frame in framer.feed(b"A" * 100)]

    assert faults[0] == "bytes outside a frame"
    assert len(framer._buffer) <= LONGEST
