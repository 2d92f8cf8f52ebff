"""Messages through two pipes, as two processes exchange them."""

import os
import pickle
import threading
from collections.abc import Iterator
from contextlib import suppress
from io import FileIO
from typing import NamedTuple

import pytest

from psc2.models.channel import LENGTH, MAX_BYTES, START, Channel

SOON_S = 10.0  # for what comes at once, on a busy machine
UNKNOWN = b"cno_such_module\nNothing\n."  # something pickled that is not known here


class Line(NamedTuple):
    """A channel, and the other side's ends of its pipes."""

    channel: Channel
    to_it: FileIO
    from_it: FileIO
    ended: threading.Event


@pytest.fixture
def line() -> Iterator[Line]:
    (theirs_in, ours_out), (ours_in, theirs_out) = os.pipe(), os.pipe()
    ended = threading.Event()
    channel = Channel(FileIO(theirs_in, "rb"), FileIO(theirs_out, "wb"), ended.set)
    with FileIO(ours_out, "wb") as to_it, FileIO(ours_in, "rb") as from_it:
        yield Line(channel, to_it, from_it, ended)
        channel.close()


def write_on(stream: FileIO, data: bytes) -> None:
    """Write, and then more, as long as anybody reads."""
    with suppress(OSError):
        stream.write(data)
        while True:
            stream.write(b"more" * 100)


def other_side(line: Line) -> Channel:
    return Channel(FileIO(os.dup(line.from_it.fileno()), "rb"), FileIO(os.dup(line.to_it.fileno()), "wb"))


def test_messages_come_in_order_both_ways(line: Line) -> None:
    here, there = line.channel, other_side(line)
    for sender, receiver in ((here, there), (there, here)):
        messages: list[object] = [None, 7, ("pitches", [60, 67]), {}]
        for message in messages:
            sender.send(message)
        assert [receiver.receive(SOON_S) for _ in messages] == messages


def test_a_message_larger_than_a_pipe_comes_whole_and_its_sender_does_not_wait(line: Line) -> None:
    large = os.urandom(2**20)
    line.channel.send(large)  # nobody reads yet
    assert other_side(line).receive(SOON_S) == large


@pytest.mark.parametrize("printed", [b"", b"a banner\n", b"\0\0", 3 * START[:-1]])
def test_what_an_interpreter_prints_before_the_first_message_is_skipped(line: Line, printed: bytes) -> None:
    data = pickle.dumps(7)
    line.to_it.write(printed + START + LENGTH.pack(len(data)) + data)
    assert line.channel.receive(SOON_S) == 7


def test_nothing_yet_is_a_time_out(line: Line) -> None:
    assert not line.channel.has_message()
    with pytest.raises(TimeoutError):
        line.channel.receive(0.0)


def test_what_was_sent_before_the_end_still_comes_and_then_the_end_again_and_again(line: Line) -> None:
    there = other_side(line)
    there.send("the last one")
    there.close()
    line.to_it.close()
    assert line.ended.wait(SOON_S)
    assert line.channel.receive(SOON_S) == "the last one"
    for _ in range(2):
        assert line.channel.has_message()
        with pytest.raises(EOFError):
            line.channel.receive(SOON_S)


@pytest.mark.parametrize(
    "written", [b"", START[:-1], START, START + b"\0\0", START + LENGTH.pack(9) + b"half"]
)
def test_half_a_message_is_the_end(line: Line, written: bytes) -> None:
    line.to_it.write(written)
    line.to_it.close()
    with pytest.raises(EOFError):
        line.channel.receive(SOON_S)


@pytest.mark.parametrize(
    "written",
    [
        START + b"\xff" * 100,  # a length that no memory holds
        START + LENGTH.pack(MAX_BYTES + 1),
        START + LENGTH.pack(4) + b"rubb",
        START + LENGTH.pack(len(UNKNOWN)) + UNKNOWN,
        START + LENGTH.pack(0),
        b"a banner without end" * 4096,
    ],
)
def test_what_cannot_be_read_is_the_end(line: Line, written: bytes) -> None:
    """Also while the other side stays, and says more."""
    writer = threading.Thread(target=write_on, args=(line.to_it, written), daemon=True)
    writer.start()
    with pytest.raises(EOFError):
        line.channel.receive(SOON_S)
    assert line.ended.wait(SOON_S)
    writer.join(SOON_S)
    assert not writer.is_alive()


def test_sending_to_nobody_is_no_error(line: Line) -> None:
    line.from_it.close()
    for _ in range(3):
        line.channel.send("hello?")
    line.to_it.close()
    with pytest.raises(EOFError):
        line.channel.receive(SOON_S)


# --- a system without a thread left -----------------------------------------------------


@pytest.mark.parametrize("left", [0, 1])
def test_without_a_thread_left_it_is_as_if_the_other_side_were_gone(
    left: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads, start = iter(range(left)), threading.Thread.start

    def start_some(thread: threading.Thread) -> None:
        if next(threads, None) is None:
            raise RuntimeError("can't start new thread")
        start(thread)

    (theirs_in, ours_out), (ours_in, theirs_out) = os.pipe(), os.pipe()
    monkeypatch.setattr(threading.Thread, "start", start_some)
    channel = Channel(FileIO(theirs_in, "rb"), FileIO(theirs_out, "wb"))
    with FileIO(ours_out, "wb") as to_it, FileIO(ours_in, "rb") as from_it:
        channel.send("pitches")
        with pytest.raises(EOFError):
            channel.receive(SOON_S)
        assert from_it.readall().removeprefix(START) == b""  # and the other side reads the end
        with pytest.raises(BrokenPipeError):
            to_it.write(b"a reply")
