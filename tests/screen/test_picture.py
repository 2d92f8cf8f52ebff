from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import pytest
from rich.cells import cell_len

from psc2.core.events import ControlChange, Event, KeyDown, SoundServer, SourceNamed
from psc2.core.instruments import Layer
from psc2.core.notices import Notice, NoticeKind
from psc2.core.other_side import PluggedIn
from psc2.core.requests import Model
from psc2.core.state import Counts
from psc2.screen import head
from psc2.screen.lettering import SMALL, Size, lettered
from psc2.screen.notices import notice_line
from psc2.screen.piano import TYPED_SOURCE
from psc2.screen.picture import Picture
from psc2.testing import FakeMelody, Rehearsal, key, press

MODEL_NAMES = {Model.MELODY: "weimar", Model.DRUMS: "groove"}
STEP_S = 0.125  # at 120 qpm
LARGE = Size(2, 1)  # in a terminal of 80 × 24


def picture(
    rehearsal: Rehearsal, at: float, events: Sequence[Event] = (), lines: Sequence[str] = ()
) -> Picture:
    """What is to be seen at ``at``, once everything before has happened."""
    rehearsal.play(events, until=at)
    return Picture(rehearsal.engine.snapshot(), at, MODEL_NAMES, tuple(lines))


def seen(shown: Picture, width: int = 80, height: int = 24) -> list[str]:
    return ["".join(text for text, _ in row) for row in shown.rows(width, height)]


def text(shown: Picture, width: int = 80, height: int = 24) -> str:
    return "\n".join(row.rstrip() for row in seen(shown, width, height)).rstrip()


def large(rows: list[str], words: str, size: Size = LARGE) -> bool:
    """Whether ``words`` stand somewhere in letters of that size."""
    letters = lettered(words, size)
    width = len(letters[0])
    return any(
        all(rows[top + n][column : column + width] == part for n, part in enumerate(letters))
        for top in range(len(rows) - len(letters) + 1)
        for column in range(len(rows[0]) - width + 1)
    )


def ruler(shown: Picture, width: int = 80, height: int = 24) -> str:
    """The lowest row of the 16ths, where all are to be seen."""
    rows = seen(shown, width, height)
    return next(row for row in reversed(rows) if "░" in row or "▒" in row)


def test_the_mode_is_shown_in_large_letters() -> None:
    rehearsal = Rehearsal()
    start = rehearsal.start()
    assert large(seen(picture(rehearsal, start)), "FREE")
    assert large(seen(picture(rehearsal, start + 0.1, [press(start + 0.1, "improv")])), "IMPROV")


def test_stopped_counting_in_and_looping_look_different_in_words_and_in_colour() -> None:
    rehearsal = Rehearsal(music={"count_in_bars": 1})
    stopped = picture(rehearsal, 0.0)
    start = rehearsal.start(at=0.1)
    counting, looping = picture(rehearsal, start - 0.5), picture(rehearsal, start + 0.5)
    for shown, word in ((stopped, "STOPPED"), (counting, "COUNT"), (looping, "FREE")):
        assert large(seen(shown), word)
        assert text(shown, 40, 12).startswith(f" {word}")
    assert len({shown.rows(80, 24)[0][0][1] for shown in (stopped, counting, looping)}) == 3
    assert "play starts the loop" in text(stopped)


def test_a_mode_whose_loop_is_stopped_shows_that_too() -> None:
    assert large(seen(picture(Rehearsal(), 0.1, [press(0.1, "record", Layer.BASS)])), "■")


def test_the_row_of_16ths_moves_with_time_and_with_nothing_else() -> None:
    rehearsal = Rehearsal(music={"qpm": 120.0})
    start = rehearsal.start()
    rehearsal.play([], until=start + 1.0)
    now = rehearsal.engine.snapshot()
    places = []
    for step in range(8):
        row = ruler(Picture(now, start + step * STEP_S, MODEL_NAMES))
        blocks = row.split()
        assert len(blocks) == 16
        assert {block[0] for block in blocks[:step]} <= {"▒"}
        assert {block[0] for block in blocks[step + 1 :]} == {"░"}
        assert blocks[step][0] == "█"
        places.append(row.index("█"))
    assert places == sorted(set(places))


def test_bar_and_beat_are_large_and_counted_from_one() -> None:
    rehearsal = Rehearsal(music={"qpm": 120.0})
    start = rehearsal.start()
    shown = picture(rehearsal, start + 25 * STEP_S)
    assert large(seen(shown), "2.3")
    assert "bar 2 of 2 · beat 3" in text(shown)


def test_the_count_in_counts_its_beats() -> None:
    rehearsal = Rehearsal(music={"qpm": 120.0, "count_in_bars": 1})
    start = rehearsal.start()
    shown = picture(rehearsal, start - 5 * STEP_S)
    assert "count-in" in text(shown)
    assert large(seen(shown), "3")


def test_pending_changes_stand_beside_what_they_change_until_the_next_sequence_start() -> None:
    rehearsal = Rehearsal(music={"qpm": 120.0, "time_signature": "6/8"})
    start = rehearsal.start()
    events = [press(start + 0.1, "numerator_up"), press(start + 0.1, "bars_up")]
    before = text(picture(rehearsal, start + 0.2, events))
    assert "6/8  → 7/8" in before
    assert "2  → 3  bars" in before
    after = picture(rehearsal, start + 24 * STEP_S)
    assert "7/8   3 bars   120 qpm" in text(after)
    assert len(ruler(after).split()) == 14


def test_a_take_is_armed_and_then_recorded_and_looks_so_without_colours_too() -> None:
    rehearsal = Rehearsal(music={"qpm": 120.0})
    start = rehearsal.start()
    armed = picture(rehearsal, start + 1.0, [press(start + 0.5, "record", Layer.BASS)])
    assert large(seen(armed), "○")
    assert "ARMED: starts with your first key" in text(armed)
    assert armed.rows(80, 24)[0][0][1] == head.ARMED
    recording = picture(rehearsal, start + 2.0, key(start + 1.5, 40))
    assert large(seen(recording), "●")
    assert "RECORDING" in text(recording)
    assert recording.rows(80, 24)[0][0][1] == head.RECORDING


def test_armed_while_the_loop_is_stopped_says_what_to_press() -> None:
    record = press(0.1, "record", Layer.BASS)
    assert "ARMED: press play" in text(picture(Rehearsal(), 0.2, [record]))
    assert "ARMED: press play" in text(picture(Rehearsal(), 0.2, [record]), 40, 12)
    key_starts = Rehearsal(music={"first_key_starts": True})
    assert "ARMED: your first key starts the loop" in text(picture(key_starts, 0.2, [record]))
    overdub = [press(0.1, "overdub"), press(0.2, "record", Layer.BASS)]
    assert "ARMED (overdub): press play" in text(picture(Rehearsal(), 0.2, overdub))


def test_a_beat_that_is_coming_does_not_read_as_so_many() -> None:
    rehearsal = Rehearsal()
    start = rehearsal.start()
    events = [press(start, "deterministic_drums"), press(start + 0.1, "model_drums")]
    shown = picture(rehearsal, start + 0.2, events)
    assert "drums → new " in text(shown)
    assert "bassline → new beat" in text(shown, 120, 40)
    assert "coming" not in text(shown) + text(shown, 120, 40)


def test_call_and_response_count_down_to_the_change_of_turns() -> None:
    rehearsal = Rehearsal(FakeMelody(60, 62, 64), improv={"min_primer_length": 5, "max_robot_length": 3})
    improv = press(0.0, "improv")
    call = picture(rehearsal, 0.4, [improv, *key(0.1, 60, 0.05), *key(0.2, 62, 0.05), *key(0.3, 64, 0.05)])
    assert large(seen(call), "2")
    assert "3/5" in text(call)
    thinking = picture(rehearsal, 0.65, [*key(0.5, 60, 0.05), *key(0.6, 62, 0.05)])
    assert "the machine is thinking" in text(thinking)
    answer = picture(rehearsal, 2.0, key(1.5, 60))
    assert large(seen(answer), "2")
    assert "your keys, the machine's pitches: 2 left" in text(answer)


def test_layers_have_volume_mute_notes_and_the_beats_origin() -> None:
    rehearsal = Rehearsal()
    shown = text(picture(rehearsal, 0.5, [
        press(0.1, "volume", Layer.BASS, 0.6), press(0.2, "mute", Layer.CLICK),
        press(0.3, "deterministic_drums"),
    ]))  # fmt: skip
    assert "MUTED 100" in shown
    assert "━╌" in shown.replace("━━", "━")
    assert " 60 " in shown
    assert "drums bassline" in shown
    drums = rehearsal.engine.snapshot().layer_sizes[Layer.DRUMS]
    assert f"{drums} strokes, bassline" in text(picture(rehearsal, 0.6), 120, 40)


def test_what_is_wrong_is_shown_for_as_long_as_it_is() -> None:
    rehearsal = Rehearsal()
    state = rehearsal.state
    well = state.peer, state.beat_maker
    state.peer = replace(state.peer, hello_at=1.0, gone=True, status='no MIDI output "Minilogue"')
    state.beat_maker = replace(state.beat_maker, trouble="the drums model is late")
    shown = picture(rehearsal, 8.0)
    assert list(shown.problems()) == [
        "NO SOUND: SuperCollider has not answered for 7 s: start it again",
        'SuperCollider: no MIDI output "Minilogue"', "the drums model is late",
    ]  # fmt: skip
    assert text(shown).count(" ! ") == 2
    assert "NO SOUND" in text(shown)
    unable = replace(shown, unable={Model.DRUMS: "no such file"})
    assert "the drums model cannot be loaded: no such file; Markov stands in" in list(unable.problems())
    state.peer, state.beat_maker = well
    assert " ! " not in text(picture(rehearsal, 9.0))


def test_the_rest_of_the_world_has_its_lines() -> None:
    rehearsal = Rehearsal(seed=7)
    state = rehearsal.state
    state.counts = Counts(late_steps=3, skipped_notes=5, bad_input={"unknown address": 12})
    shown = text(picture(rehearsal, 0.1, [SourceNamed(0.1, 3, "Keystation 88")], ["play", "stop"]))
    assert "SuperCollider not heard yet · melody weimar · drums groove · seed 7" in shown
    assert f"controller {state.settings.controller.name} · MIDI in Keystation 88" in shown
    assert "late 3 (notes left out 5) · dropped unknown address 12" in shown
    assert shown.endswith(" play\n stop")


def test_a_supercollider_that_says_no_hello_is_there_once_something_comes_from_it() -> None:
    rehearsal = Rehearsal()
    typed = KeyDown(0.1, TYPED_SOURCE, 60, 100)
    assert "SuperCollider not heard yet" in text(picture(rehearsal, 0.1, [typed]))
    assert "SuperCollider there, though it says no hello" in text(picture(rehearsal, 0.2, [key(0.2, 60)[0]]))
    rehearsal = Rehearsal()
    rehearsal.state.devices = PluggedIn()
    button = [ControlChange(0.1, 3, 41, value, 0) for value in (127, 0)]
    assert "SuperCollider there, though it says no hello" in text(picture(rehearsal, 0.2, button))


@pytest.mark.parametrize("width", [1, 2, 3, 10, 41, 43, 60, 80, 120, 320])
def test_a_terminal_of_any_size_is_filled_exactly(width: int) -> None:
    for meter in ("4/4", "64/4", "13/16", "2/4"):
        rehearsal = Rehearsal(music={"time_signature": meter, "num_bars": 12})
        start = rehearsal.start()
        for at, height in product((start, start + 200 * STEP_S), (1, 3, 7, 8, 13, 14, 20, 24, 40, 70)):
            shown = picture(rehearsal, at, lines=["more than ten letters"] * 50)
            rows = shown.rows(width, height)
            assert len(rows) == height
            assert [sum(cell_len(words) for words, _ in row) for row in rows] == [width] * height


@pytest.mark.parametrize(("width", "height"), [(40, 12), (20, 4)])
def test_in_a_small_terminal_the_mode_the_place_and_the_row_are_left(width: int, height: int) -> None:
    rehearsal = Rehearsal(music={"qpm": 120.0})
    start = rehearsal.start()
    rows = seen(picture(rehearsal, start + 5 * STEP_S), width, height)
    assert rows[0].rstrip() == " FREE  1.2"
    assert "█" in "".join(rows)


def test_letters_grow_with_the_terminal() -> None:
    shown = picture(Rehearsal(), 0.0)
    assert large(seen(shown, 60, 20), "STOPPED", SMALL)
    assert large(seen(shown, 120, 40), "STOPPED", Size(3, 2))


def test_a_bar_with_more_beats_than_columns_is_shown_in_parts() -> None:
    rehearsal = Rehearsal(music={"qpm": 120.0, "time_signature": "64/4"})
    start = rehearsal.start()
    assert "33" in text(picture(rehearsal, start + 33 * 4 * STEP_S), 34)
    assert "33" not in text(picture(Rehearsal(music={"time_signature": "64/4"}), 0.0), 34)


def test_names_and_lines_cannot_steer_the_terminal() -> None:
    rehearsal = Rehearsal()
    rehearsal.state.peer = replace(rehearsal.state.peer, status="\x1b[2Jgone")
    shown = picture(rehearsal, 0.1, [SourceNamed(0.1, 3, "Key\x1b]0;x\x07station")], ["\x9b31m"])
    assert all(words.isprintable() for row in shown.rows(80, 24) for words, _ in row)


def test_what_came_too_late_at_the_sound_server_is_told_with_its_cure_and_later_only_counted() -> None:
    rehearsal = Rehearsal()
    late = SoundServer(1.0, period_s=1024 / 48_000, late_bundles=12)
    told = text(picture(rehearsal, 2.0, [late]), 120, 30)
    assert "12 steps too late at the sound server: JACK with fewer frames" in told
    later = text(picture(rehearsal, 100.0), 120, 30)
    assert " ! " not in later
    assert "late at the sound server 12" in later


def test_two_devices_of_one_name_are_shown_twice() -> None:
    rehearsal = Rehearsal()
    named = [SourceNamed(0.1, uid, "LPK25") for uid in (3, 4)]
    assert "MIDI in LPK25, LPK25" in text(picture(rehearsal, 0.1, named))
    twice = [SourceNamed(0.2, 8, rehearsal.state.settings.controller.name)]
    name = rehearsal.state.settings.controller.name
    assert f"controller {name}, {name}" in text(picture(rehearsal, 0.2, twice))


@pytest.mark.parametrize(("width", "height"), [(80, 24), (40, 12)])
def test_what_does_not_fit_ends_in_an_ellipsis_or_goes_on_in_the_next_row(width: int, height: int) -> None:
    rehearsal = Rehearsal(seed=1234567890)
    long = "A Keyboard Whose Maker Has Put Everything Into Its Name, Even " + "The Year 2026 " * 3
    rows = seen(picture(rehearsal, 0.1, [SourceNamed(0.1, 3, long)], ["x" * 200]), width, height)
    shown = "\n".join(row.rstrip() for row in rows)
    assert all(layer.value in shown for layer in Layer)
    assert "seed 1234567890" in shown
    (cut,) = [row.rstrip() for row in rows if "Whose" in row]
    assert cut.endswith("…")
    assert shown.count("x") == 200 or shown.endswith("…")


def test_a_line_that_is_longer_than_a_row_is_read_to_its_end() -> None:
    notice = Notice(1, NoticeKind.CONTROLLERS_NOTES, "nanoKONTROL2 SLIDER/KNOB")
    lines = ["play", "stop", notice_line(notice)]
    for width, height in ((80, 24), (40, 13)):
        shown = text(picture(Rehearsal(), 0.0, lines=lines), width, height)
        words = " ".join(shown.split())
        assert words.endswith(notice_line(notice)), shown
