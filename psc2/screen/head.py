"""The head of the panel: the mode and the number that counts, in the largest letters that fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap

from psc2.core.snapshot import Place, Snapshot
from psc2.core.state import Mode, Phase, Recording
from psc2.screen.alerts import Alert, is_starting
from psc2.screen.lettering import SMALL, Size, lettered
from psc2.screen.practice import silence_words
from psc2.screen.rows import Row
from psc2.screen.turns import is_warned, turn_number, turn_words

SIZES = (Size(8, 4), Size(6, 3), Size(5, 3), Size(4, 2), Size(3, 2), Size(2, 1), SMALL)
PIXELS = 39  # of the widest that have to fit beside each other: IMPROV, or CHORDS with its lamp, and a number
MAX_SHARE = 0.4  # of the height
MIN_LARGE_ROWS = 8  # of the terminal; with fewer, ordinary letters
MIN_SPACED_ROWS = 14  # of the terminal; with fewer, no row stays empty

ALERT = "bold #ffffff on #99006b"
ARMED = "bold #000000 on #ffd23f"
RECORDING = "bold #ffffff on #c4001a"
ANSWERING = "bold #000000 on #4fd1ff"
WARNED = "bold #000000 on #ffb000"  # the turn is about to change
COLOURS = {
    Mode.BASS: "bold #ffffff on #1f4fa3",
    Mode.CHORDS: "bold #ffffff on #14703a",
    Mode.IMPROV: "bold #ffffff on #6a2fa0",
    Mode.FREE: "bold #ffffff on #0b5a63",
    Mode.CALIBRATE: "bold #ffffff on #7d4300",
}
STOPPED = "bold #ffffff on #45494f"
COUNTING_IN = "bold #ffffff on #7d4300"


def size_for(width: int, height: int) -> Size | None:
    """The largest letters with which the head fits in any mode; None if none do."""
    for size in SIZES:
        high = size.height + 2 <= max(5, MAX_SHARE * height)
        if high and PIXELS * size.columns + 2 <= width and height >= MIN_LARGE_ROWS:
            return size
    return None


def head_style(now: Snapshot, place: Place | None, beats: int | None) -> str:
    """A colour that tells by itself what ``head_word`` says."""
    if now.recording is not None:
        return RECORDING if now.recording.is_open else ARMED
    if now.mode is Mode.FREE and place is None:
        return STOPPED
    if now.mode is Mode.FREE and place is not None and place.position.bar < 0:
        return COUNTING_IN
    if is_warned(now, beats):
        return WARNED
    return ANSWERING if now.improv.phase is Phase.ANSWERING else COLOURS[now.mode]


def head_word(now: Snapshot, place: Place | None) -> str:
    """The mode; while nothing but the loop is played with, whether that is stopped or counted in."""
    if now.mode is Mode.CALIBRATE:
        return "TAP"
    if now.mode is not Mode.FREE or now.recording is not None:
        return str(now.mode.value).upper()
    if place is None:
        return "STOPPED"
    return "COUNT" if place.position.bar < 0 else "FREE"


def _lamp(now: Snapshot) -> str:
    """The recording lamp; empty while nothing is armed or recorded."""
    return "" if now.recording is None else "●" if now.recording.is_open else "○"


def _number(now: Snapshot, place: Place | None, beats: int | None) -> str:
    """Bar and beat; in the count-in the beat; in improv mode what changes the turn."""
    if place is not None and place.position.bar < 0:
        return _bar_and_beat(place)
    if now.improv.phase is not Phase.IDLE:
        return turn_number(now, beats)
    if now.mode is Mode.CALIBRATE:
        return str(now.calibration.taps_left)
    if place is None:
        return "" if head_word(now, place) == "STOPPED" else "■"
    return _bar_and_beat(place)


def _bar_and_beat(place: Place) -> str:
    """The bar and the beat, counted from 1; in the count-in only the beat."""
    bar = place.position.bar
    return f"{place.beat + 1}" if bar < 0 else f"{bar + 1}.{place.beat + 1}"


def head_rows(
    now: Snapshot, place: Place | None, beats: int | None, size: Size, width: int, height: int
) -> Iterator[Row]:
    """The mode, and the number that counts, on a colour that tells the mode by itself.

    ``beats``: until the turn changes.
    """
    style = head_style(now, place, beats)
    gap = " " * 2 * size.columns
    mode = [f" {lamp}{gap}{letters}" if lamp else f" {letters}" for lamp, letters in zip(
        lettered(_lamp(now), size), lettered(head_word(now, place), size), strict=True
    )]  # fmt: skip
    room = width - len(mode[0]) - 1
    number = _number(now, place, beats)
    letters = _number_rows(number, size, room - 2 * size.columns)
    if height >= MIN_SPACED_ROWS:
        yield (("", style),)
    for left, right in zip(mode, letters, strict=True):
        yield ((f"{left}{right.rjust(room)}" if len(right) < room else left, style),)
    yield _activity_row(now, place, beats, width, style)


def alert_rows(
    alerts: Sequence[Alert],
    now: Snapshot,
    place: Place | None,
    beats: int | None,
    size: Size | None,
    width: int,
    height: int,
) -> Iterator[Row]:
    """What keeps sound or hands away, in place of the mode, which is in the row below; the place stays."""
    number = _number(now, place, beats) if place is not None and size is not None else ""
    beside = len(lettered(number, size)[0]) + 2 if number and size is not None else 0
    fitting = [one for one in SIZES if len(lettered(alerts[0].title, one)[0]) + 2 + beside <= width]
    letters_size = next((one for one in fitting if size and one.height <= size.height), None)
    if height >= MIN_SPACED_ROWS:
        yield (("", ALERT),)
    if letters_size is not None:
        numbers = _number_rows(number, letters_size, width // 2) if number else ("",) * letters_size.height
        for left, right in zip(lettered(alerts[0].title, letters_size), numbers, strict=True):
            yield ((f" {left}{right.rjust(width - 2 - len(left))}", ALERT),)
    for alert in alerts:
        for words in wrap(str(alert), max(10, width - 2)):
            yield ((f" {words}", ALERT),)
    if size is None:
        yield title(now, place, beats, width)
    else:
        yield _activity_row(
            now, place, beats, width, head_style(now, place, beats), f"{head_word(now, place)}  "
        )


def _activity_row(
    now: Snapshot, place: Place | None, beats: int | None, width: int, style: str, word: str = ""
) -> Row:
    """What the mode is about, and on the right where the music is, as far as there is room."""
    activity, where = word + _activity(now, place, beats, width - len(word)), _where(place)
    room = width - 2 - len(activity)
    where = where if len(where) + 2 <= room or place is None else _bar_and_beat(place)
    where = where if len(where) + 2 <= room else ""
    return ((f" {activity}{where.rjust(room)} ", style),)


def _number_rows(number: str, size: Size, room: int) -> tuple[str, ...]:
    """The number as large as there is room, as high as the letters beside it."""
    tried = [lettered(number, smaller) for smaller in SIZES[SIZES.index(size) :]]
    letters = next((rows for rows in tried if len(rows[0]) <= room), tried[-1])
    above = (size.height - len(letters)) // 2
    blank = (" " * len(letters[0]),)
    return blank * above + letters + blank * (size.height - len(letters) - above)


def title(now: Snapshot, place: Place | None, beats: int | None, width: int) -> Row:
    """The head in one line of ordinary letters, with what the mode is about where that fits."""
    mode = f" {_lamp(now)} {head_word(now, place)}  {_number(now, place, beats)}".replace("  ", " ", 1)
    mode = mode.rstrip()
    activity = _activity(now, place, beats, width - len(mode) - 2)
    longer = (f"{mode}  {words}".rstrip() for words in (activity, activity.partition(":")[0]))
    shown = next((words for words in longer if len(words) <= width), mode)
    return ((shown, head_style(now, place, beats)),)


def _activity(now: Snapshot, place: Place | None, beats: int | None, width: int) -> str:
    if now.recording is not None:
        return _recording(now.recording, place, now.first_key_starts)
    if now.mode is Mode.CALIBRATE:
        return "tap any piano key with the click"
    if now.improv.phase is not Phase.IDLE:
        return turn_words(now, beats, width)
    starting = "SuperCollider is starting: sound in a moment"
    free = silence_words(now) if place else starting if is_starting(now) else "play starts the loop"
    return "overdub is on: the next recording adds" if now.overdub else free


def _recording(recording: Recording, place: Place | None, first_key_starts: bool) -> str:
    adds = " (overdub)" if recording.overdub else ""
    if recording.is_open:
        return f"RECORDING{adds}"
    if place is None:
        return f"ARMED{adds}: {'your first key starts the loop' if first_key_starts else 'press play'}"
    return f"ARMED{adds}: starts with your first key"


def _where(place: Place | None) -> str:
    if place is None:
        return "stopped"
    bar = place.position.bar
    if bar < 0:
        return "count-in" if bar == -1 else f"count-in, {-bar} bars"
    return f"bar {bar + 1} of {place.passed.form.num_bars} · beat {place.beat + 1}"
