"""The band that plays from the chart, in the loop. A bar is 2 s, a chorus 8."""

from dataclasses import replace

import pytest

from psc2.core.bass_player import BassStyle
from psc2.core.comping import CompingStyle
from psc2.core.drum_styles import DrumStyle
from psc2.core.effects import NoteOn, Strike
from psc2.core.events import Press
from psc2.core.instruments import Instrument, Layer
from psc2.core.layers import layer_notes
from psc2.core.loop import Beat, PlayableNote
from psc2.core.memory import memory_of, state_of
from psc2.core.meter import TimeSignature
from psc2.core.notices import NoticeKind
from psc2.core.pulse import walking_steps
from psc2.core.snapshot import snapshot_of
from psc2.core.swing import tempo_swing
from psc2.settings.config import load_config
from psc2.testing import Rehearsal, key, press, sounds

BAR_S, CHORUS_S = 2.0, 8.0
CHANGES = "| Dm7 | G7 | Cmaj7 | A7 |"


def rehearsing(
    chart: str = CHANGES, seed: int = 0, practice: dict[str, object] | None = None, **band: object
) -> Rehearsal:
    return Rehearsal(music={"qpm": 120.0, "chart": chart}, practice=practice or {}, band=band, seed=seed)


def bass(rehearsal: Rehearsal) -> tuple[PlayableNote, ...]:
    return layer_notes(rehearsal.state, Layer.BASS)


def bass_style(rehearsal: Rehearsal) -> BassStyle:
    return rehearsal.state.band.bass


def choruses(
    rehearsal: Rehearsal,
    number: int,
    presses: tuple[Press, ...] = (),
    instrument: Instrument = Instrument.BASS,
) -> list[list[tuple[float, int]]]:
    """The notes of each of the first choruses: when, from its beginning, and which pitch."""
    start = rehearsal.start()
    rehearsal.play([*presses], until=start + number * CHORUS_S - 0.1)
    notes = [(at - start, note) for at, note in sounds(rehearsal.output.sent, NoteOn)]
    heard: list[list[tuple[float, int]]] = [[] for _ in range(number)]
    for at, note in notes:
        assert isinstance(note, NoteOn)
        if note.instrument is instrument and at < number * CHORUS_S - 0.01:
            chorus = int((at + 0.001) // CHORUS_S)
            heard[chorus].append((round(at - chorus * CHORUS_S, 3), note.pitch))
    return heard


def test_a_chart_brings_its_band() -> None:
    rehearsal = rehearsing()
    sizes = rehearsal.state.layer_sizes
    assert sizes[Layer.BASS]
    assert sizes[Layer.CHORDS]
    assert sizes[Layer.DRUMS]
    assert rehearsal.state.beat is Beat.DETERMINISTIC
    assert not rehearsal.state.history.past  # there is nothing to take back yet


def test_without_a_chart_or_where_it_is_off_nobody_plays() -> None:
    for rehearsal in (Rehearsal(), rehearsing(bass="off", comping="off")):
        sizes = rehearsal.state.layer_sizes
        assert not sizes[Layer.BASS]
        assert not sizes[Layer.CHORDS]
        assert not sizes[Layer.DRUMS]


def test_each_chorus_is_another_and_the_seed_says_which() -> None:
    heard = choruses(rehearsing(seed=3), 5)
    assert len({tuple(chorus) for chorus in heard}) >= 4
    assert heard == choruses(rehearsing(seed=3), 5)
    assert heard != choruses(rehearsing(seed=4), 5)


def test_the_chords_are_the_band_s_too() -> None:
    heard = choruses(rehearsing(), 4, instrument=Instrument.CHORDS)
    assert all(heard)
    assert len({tuple(chorus) for chorus in heard}) >= 3


def test_what_is_in_the_layer_once_a_chorus_is_over_is_what_was_heard() -> None:
    rehearsal = rehearsing(chart="| Dm7 | G7 | C6 | A7 | Dm7 | G7 | C6 | C7 |")
    start = rehearsal.start()
    rehearsal.play([], until=start + 31.8)  # shortly before the second chorus ends
    heard = [note for at, note in sounds(rehearsal.output.sent, NoteOn) if at - start > 15.99]
    pitches = [
        note.pitch for note in heard if isinstance(note, NoteOn) and note.instrument is Instrument.BASS
    ]
    assert [note.pitch for note in bass(rehearsal)][: len(pitches)] == pitches


def test_stopped_in_the_midst_the_chorus_is_whole() -> None:
    """The loop stops in bar 2 of the second chorus: bars 3 and 4 are that chorus's, too."""
    through, stopped = rehearsing(), rehearsing()
    start = through.start()
    through.play([], until=start + 2 * CHORUS_S - 0.1)
    at = stopped.start() + CHORUS_S + BAR_S + 0.5
    stopped.play([press(at, "stop")], until=at)
    assert bass(stopped) == bass(through)


def test_a_chorus_that_is_kept_goes_round() -> None:
    rehearsal = rehearsing()
    kept = choruses(rehearsal, 4, (press(CHORUS_S + BAR_S, "keep_chorus"),))
    assert kept[0] != kept[1] == kept[2] == kept[3]
    assert not rehearsal.state.band.plays(Layer.BASS)
    for _ in range(2):  # a step for each layer
        rehearsal.play([press(rehearsal.clock.now(), "undo")], until=rehearsal.clock.now())
    assert rehearsal.state.band.plays(Layer.BASS)
    assert rehearsal.state.band.plays(Layer.CHORDS)


def test_who_is_switched_on_plays_at_once_and_one_undo_sends_them_away() -> None:
    rehearsal = rehearsing(bass="off")
    start = rehearsal.start()
    rehearsal.play([press(start + 3.1, "bass_player")], until=start + 3.2)
    assert bass_style(rehearsal) is BassStyle.WALKING
    assert {note.bar for note in bass(rehearsal)} == {1}  # the one that sounds; the others as they begin
    rehearsal.play([press(start + 20.0, "undo")], until=start + 20.0)  # choruses later
    assert not bass(rehearsal)
    assert bass_style(rehearsal) is BassStyle.OFF
    rehearsal.play([press(start + 21.0, "redo")], until=start + 21.0)
    assert bass(rehearsal)
    assert bass_style(rehearsal) is BassStyle.WALKING


def test_the_styles_come_in_turn() -> None:
    rehearsal = rehearsing()
    found = []
    for n in range(4):
        rehearsal.play([press(float(n), "bass_player"), press(float(n), "comping_player")], until=float(n))
        found.append((rehearsal.state.band.bass, rehearsal.state.band.comping))
    assert [style for style, _ in found] == [BassStyle.TWO, BassStyle.ROOTS, BassStyle.OFF, BassStyle.WALKING]
    assert [style for _, style in found[:3]] == [CompingStyle.HELD, CompingStyle.OFF, CompingStyle.CELLS]
    rehearsal.play([press(5.0, "bass_player"), press(5.0, "bass_player")], until=5.0)
    rehearsal.play([press(6.0, "bass_player")], until=6.0)
    assert not bass(rehearsal)


def test_one_s_own_take_replaces_a_player_and_the_other_goes_on() -> None:
    rehearsal = rehearsing()
    start = rehearsal.start()
    rehearsal.play(
        [press(start + 1.0, "record", Layer.BASS), *key(start + CHORUS_S, 40, 0.4)],
        until=start + 3 * CHORUS_S,
    )
    assert [note.pitch for note in bass(rehearsal)] == [40]
    assert not rehearsal.state.band.plays(Layer.BASS)
    assert rehearsal.state.band.plays(Layer.CHORDS)
    rehearsal.play([press(start + 25.0, "undo")], until=start + 40.0)
    assert len(bass(rehearsal)) > 4
    assert rehearsal.state.band.plays(Layer.BASS)


def test_a_recording_that_no_key_begins_gives_the_player_back() -> None:
    rehearsal = rehearsing()
    before = bass(rehearsal)
    rehearsal.play([press(1.0, "record", Layer.BASS)], until=1.0)
    assert not bass(rehearsal)
    assert not rehearsal.state.band.plays(Layer.BASS)
    assert memory_of(rehearsal.state).band.plays(Layer.BASS)  # which a crash would not take away
    rehearsal.play([press(2.0, "free")], until=2.0)
    assert bass(rehearsal) == before
    assert rehearsal.state.band.plays(Layer.BASS)


def test_what_is_overdubbed_on_the_band_stays() -> None:
    rehearsal = rehearsing()
    presses = [press(0.5, "overdub"), press(1.0, "record", Layer.CHORDS)]
    rehearsal.play(presses, until=1.0)
    start = rehearsal.start(2.0)
    rehearsal.play(key(start + 1.0, 90, 0.4), until=start + 3 * CHORUS_S)
    assert 90 in {note.pitch for note in layer_notes(rehearsal.state, Layer.CHORDS)}
    assert rehearsal.state.layer_sizes[Layer.CHORDS] > 4


def test_a_layer_that_is_cleared_stays_empty() -> None:
    rehearsal = rehearsing()
    start = rehearsal.start()
    rehearsal.play([press(start + 1.0, "clear", Layer.BASS)], until=start + 2 * CHORUS_S)
    assert not bass(rehearsal)


def test_without_a_chart_it_is_told_that_there_is_nothing_to_play() -> None:
    rehearsal = Rehearsal()
    for action in ("bass_player", "comping_player", "transpose"):
        rehearsal.play([press(0.0, action)], until=0.0)
        assert rehearsal.state.notice is not None
        assert rehearsal.state.notice.kind is NoticeKind.NO_MUSIC
    rehearsal.play([press(0.0, "keep_chorus")], until=0.0)
    assert rehearsal.state.notice is not None
    assert rehearsal.state.notice.kind is NoticeKind.NO_BAND


def test_in_another_meter_than_the_chart_s_the_band_rests_until_it_is_back() -> None:
    rehearsal = rehearsing()
    start = rehearsal.start()
    rehearsal.play([press(start + 1.0, "numerator_down")], until=start + 30.0)
    assert bass(rehearsal) == ()
    rehearsal.play([press(start + 30.1, "numerator_up")], until=start + 60.0)
    assert {note.bar for note in bass(rehearsal)} == {0, 1, 2, 3}


@pytest.mark.parametrize("bars", [1, 2, 3, 5])
def test_with_other_bars_than_the_chart_s_the_loop_is_filled(bars: int) -> None:
    rehearsal = rehearsing()
    rehearsal.play([press(0.0, "bars_down" if bars < 4 else "bars_up")] * abs(4 - bars), until=0.0)
    start = rehearsal.start()
    rehearsal.play([], until=start + 2.9 * bars * BAR_S)
    assert {note.bar for note in bass(rehearsal)} >= set(range(bars))


def test_one_bar_of_one_chord_in_every_key() -> None:
    """Each chorus is a bar, and in another key: what is struck on its beat 1 is that chord's root."""
    rehearsal = rehearsing("| C7 |", practice={"transpose": "all"}, bass="roots")
    start = rehearsal.start()
    rehearsal.play([], until=start + 24 * BAR_S)
    roots = {at: note for at, note in sounds(rehearsal.output.sent, NoteOn)
             if isinstance(note, NoteOn) and note.instrument is Instrument.BASS}  # fmt: skip
    first = [roots[round(start + n * BAR_S, 6)].pitch % 12 for n in range(24)]
    assert first[0] == 0
    assert sorted(first[:12]) == sorted(first[12:]) == list(range(12))


def test_a_fourth_up_each_chorus() -> None:
    rehearsal = rehearsing(practice={"transpose": 5}, bass="roots")
    heard = choruses(rehearsal, 3)
    assert [chorus[0][1] % 12 for chorus in heard] == [2, 7, 0]  # D, G, C
    coming = [chord.symbol for chord in snapshot_of(rehearsal.state).chords]
    assert coming[:2] == ["G7", "Fm7"]  # the last of the third chorus, and the first of the fourth


def test_after_a_stop_in_another_key_it_starts_in_its_own() -> None:
    rehearsal = rehearsing(practice={"transpose": 5}, bass="roots")
    start = rehearsal.start()
    rehearsal.play([press(start + CHORUS_S + 1.0, "stop")], until=start + CHORUS_S + 2.0)
    assert bass(rehearsal)[0].pitch % 12 == 2  # D, as before there was a note of it
    again = rehearsal.start(start + CHORUS_S + 3.0)
    rehearsal.play([], until=again + 0.5)
    sent = [note for at, note in sounds(rehearsal.output.sent, NoteOn) if at > again - 0.1]
    basses = (note for note in sent if isinstance(note, NoteOn) and note.instrument is Instrument.BASS)
    assert next(basses).pitch % 12 == 2


def pitch_classes(rehearsal: Rehearsal, layer: Layer, bar: int) -> set[int]:
    return {note.pitch % 12 for note in layer_notes(rehearsal.state, layer) if note.bar == bar}


@pytest.mark.parametrize("seed", range(5))
def test_after_a_stop_in_another_key_chords_and_bass_are_both_home(seed: int) -> None:
    rehearsal = rehearsing("| Cmaj7 | Cmaj7 |", seed=seed, practice={"transpose": 1})
    start = rehearsal.start()
    rehearsal.play([press(start + CHORUS_S + 1.0, "stop")], until=start + CHORUS_S + 2.0)
    assert 0 in pitch_classes(rehearsal, Layer.BASS, 0)
    assert pitch_classes(rehearsal, Layer.CHORDS, 0) <= {0, 2, 4, 7, 9, 11}


def test_two_players_that_are_asked_for_at_once_while_stopped_both_play() -> None:
    rehearsal = rehearsing(bass="off", comping="off")
    rehearsal.play([press(0.1, "bass_player"), press(0.1, "comping_player")], until=1.0)
    assert rehearsal.state.layer_sizes[Layer.BASS]
    assert rehearsal.state.layer_sizes[Layer.CHORDS]


def test_what_is_kept_stays_in_its_key_and_that_is_told() -> None:
    rehearsal = rehearsing()
    start = rehearsal.start()
    rehearsal.play([press(start + 1.0, "keep_chorus")], until=start + 1.0)
    rehearsal.play([press(start + 2.0, "transpose")], until=start + 2.0)
    notice = rehearsal.state.notice
    assert notice is not None
    assert (notice.number, notice.kind, notice.layer) == (1, NoticeKind.RECORDED_STAYS, Layer.BASS)


def test_the_mark_of_a_section_stands_with_the_chord_that_begins_it() -> None:
    rehearsal = rehearsing("[A] Bb6 G7 | Cm7 F7 |")
    marks = [(chord.symbol, chord.section) for chord in snapshot_of(rehearsal.state).chords]
    assert marks[:3] == [("Bb6", "A"), ("G7", ""), ("Cm7", "")]


def test_what_is_overdubbed_in_the_midst_of_a_chorus_has_that_chorus_whole() -> None:
    """The second chorus is a fourth up; in its bar 2 an overdub is armed: bars 3 and 4 are in its key too."""
    rehearsal = rehearsing(practice={"transpose": 5}, bass="roots")
    start = rehearsal.start()
    at = start + CHORUS_S + BAR_S + 0.5
    rehearsal.play([press(at, "overdub"), press(at, "record", Layer.BASS)], until=at)
    firsts = [next(note.pitch % 12 for note in bass(rehearsal) if note.bar == bar) for bar in range(4)]
    assert firsts == [7, 0, 5, 2]  # G, C, F, D


def test_the_key_of_the_next_chorus_can_still_be_chosen_in_the_last_bar() -> None:
    rehearsal = rehearsing(bass="roots")
    presses = (press(3.5 * BAR_S, "transpose"), press(7.5 * BAR_S, "transpose"))
    heard = choruses(rehearsal, 3, presses)
    assert [chorus[0][1] % 12 for chorus in heard] == [2, 7, 8]  # a fourth up, then a half step
    assert snapshot_of(rehearsal.state).practice.transpose.semitones == 1


def test_the_band_swings_as_players_do_at_the_tempo_until_a_take_says_otherwise() -> None:
    rehearsal = rehearsing()
    assert rehearsal.state.feel.ratio == tempo_swing(120.0)
    rehearsal.play([press(0.0, "qpm", None, 260.0)], until=0.0)
    assert rehearsal.state.feel.ratio == tempo_swing(260.0) < tempo_swing(120.0)
    rehearsal.play([press(1.0, "swing", None, 60), press(1.0, "qpm", None, 120.0)], until=1.0)
    assert rehearsal.state.feel.ratio == 0.6


def test_a_bossa_does_not_swing_and_its_bass_does_not_walk() -> None:
    bossa = rehearsing(f"style: Bossa Nova\n{CHANGES}")
    assert bossa.state.feel.ratio == 0.5
    assert bossa.state.band.bass is BassStyle.TWO
    assert rehearsing(f"style: Ballad\n{CHANGES}").state.band.bass is BassStyle.TWO


@pytest.mark.parametrize(
    ("meter", "grouping", "beats"),
    [
        ("12/8", "auto", (0.0, 0.75, 1.5, 2.25)),
        ("6/8", "auto", (0.0, 0.75)),
        ("9/8", "auto", (0.0, 0.75, 1.5)),
        ("5/8", "auto", (0.0, 0.75)),
        ("7/8", "auto", (0.0, 0.5, 1.0)),
        ("7/8", "3+2+2", (0.0, 0.75, 1.25)),
    ],
)
def test_in_meters_of_8ths_the_band_plays_even_8ths_and_its_beats_are_the_groups(
    meter: str, grouping: str, beats: tuple[float, ...]
) -> None:
    """At 120 qpm an 8th is 0.25 s: bass and ride are on the groups, to the moment, and no snare is."""
    chart = f"meter: {meter}\n| C7 | F7 |"
    rehearsal = Rehearsal(music={"qpm": 120.0, "chart": chart, "grouping": grouping})
    assert (rehearsal.state.feel.ratio, rehearsal.state.band.bass) == (0.5, BassStyle.WALKING)
    bar_s = rehearsal.state.time_signature.steps_per_bar / 8
    start = rehearsal.start()
    rehearsal.play([], until=start + 4 * bar_s - 0.1)
    heard: dict[Instrument, set[float]] = {}
    for at, note in sounds(rehearsal.output.sent, NoteOn):
        if isinstance(note, NoteOn):
            heard.setdefault(note.instrument, set()).add(round(at - start, 4))
    for at, stroke in sounds(rehearsal.output.sent, Strike):
        assert isinstance(stroke, Strike)
        heard.setdefault(stroke.instrument, set()).add(round(at - start, 4))
    on_beats = {round(bar * bar_s + beat, 4) for bar in range(4) for beat in beats}
    assert on_beats <= heard[Instrument.BASS] & heard[Instrument.RIDE]
    assert not on_beats & heard.get(Instrument.SNARE, set())


def test_a_meter_of_8ths_swings_as_it_is_told() -> None:
    rehearsal = Rehearsal(music={"qpm": 120.0, "chart": "meter: 12/8\n| C7 |", "swing": 60})
    assert rehearsal.state.feel.ratio == 0.6


@pytest.mark.parametrize(
    ("style", "drums"),
    [
        ("", DrumStyle.SWING),
        ("Medium Swing", DrumStyle.SWING),
        ("Even 8ths", DrumStyle.SWING),
        ("Bossa Nova", DrumStyle.BOSSA),
        ("Son Montuno", DrumStyle.BOSSA),
        ("R&B", DrumStyle.ROCK),
        ("Rock Shuffle", DrumStyle.ROCK),
    ],
)
def test_the_drums_are_those_of_the_charts_style_unless_the_settings_say_others(
    style: str, drums: DrumStyle
) -> None:
    chart = f"style: {style}\n{CHANGES}"
    assert rehearsing(chart).state.settings.drum_style is drums
    told = load_config(None, {"music": {"chart": chart}, "drums": {"style": "bossa"}})
    assert told.settings().drum_style is DrumStyle.BOSSA
    alone = rehearsing(chart, bass="off", comping="off")
    assert alone.state.settings.drum_style is DrumStyle.PAPER


@pytest.mark.parametrize("bass_style", ["two", "roots", "walking"])
def test_in_a_bossa_the_clave_alone_is_on_the_snare(bass_style: str) -> None:
    rehearsal = rehearsing(f"style: Bossa Nova\n{CHANGES}", bass=bass_style)
    drums = layer_notes(rehearsal.state, Layer.DRUMS)
    snare = [(note.bar, note.step) for note in drums if note.instrument is Instrument.SNARE]
    assert snare == [(0, 0), (0, 6), (0, 12), (1, 4), (1, 10), (2, 0), (2, 6), (2, 12), (3, 4), (3, 10)]


@pytest.mark.parametrize("meter", ["4/4", "3/4", "5/4", "6/8", "12/8", "7/8"])
@pytest.mark.parametrize("bass_style", ["two", "roots", "walking"])
def test_no_band_that_swings_has_a_snare_on_a_beat(meter: str, bass_style: str) -> None:
    beats = walking_steps(TimeSignature.parse(meter))
    for seed in range(5):
        rehearsal = rehearsing(f"meter: {meter}\n{CHANGES}", seed, bass=bass_style)
        drums = layer_notes(rehearsal.state, Layer.DRUMS)
        assert not [note for note in drums if note.instrument is Instrument.SNARE and note.step in beats]


def test_a_resumed_session_has_its_band() -> None:
    state = rehearsing().state
    memory = memory_of(state)
    again = state_of(memory, state.settings, 0, state.random)
    assert again.band == state.band
    assert layer_notes(again, Layer.BASS) == layer_notes(state, Layer.BASS)


ROOTS = "| C7 | Eb7 | Gb7 | A7 |"
IN_FOURTHS = [0, 3, 6, 9, 5, 8, 11, 2, 10, 1, 4, 7]


def roots(*presses: Press, passes: int = 3, seed: int = 1) -> list[int]:
    """What the bass strikes on the bar lines, a fourth up each chorus; times are seconds after step 0."""
    rehearsal = rehearsing(ROOTS, seed=seed, practice={"transpose": 5}, bass="roots")
    start = rehearsal.start()
    shifted = [replace(each, at=each.at + start) for each in presses]
    rehearsal.play(shifted, until=start + passes * CHORUS_S - 0.1)
    return [
        note.pitch % 12
        for at, note in sounds(rehearsal.output.sent, NoteOn)
        if isinstance(note, NoteOn)
        and note.instrument is Instrument.BASS
        and (at - start + 0.001) % BAR_S < 0.01
    ]


@pytest.mark.parametrize(
    "presses",
    [
        [press(3.1, "bass_player")] * 4,
        [press(3.1, "record", Layer.BASS), press(3.5, "free")],
        [press(3.1, "keep_chorus"), press(3.5, "undo"), press(3.5, "undo")],
        [press(3.1, "comping_player"), press(3.2, "undo"), press(3.3, "redo"), press(3.4, "undo")],
        [press(7.9, "bass_player")] * 4,
    ],
)
def test_whoever_comes_back_plays_the_next_chorus_in_its_key(presses: list[Press]) -> None:
    heard = roots(*presses)
    assert heard[-8:] == IN_FOURTHS[4:]


def test_who_is_brought_back_in_a_later_chorus_is_in_its_key_at_once() -> None:
    heard = roots(press(3.1, "clear", Layer.BASS), press(11.1, "undo"))
    assert heard == [0, 3, *IN_FOURTHS[6:]]


def test_who_is_brought_back_after_a_stop_is_home() -> None:
    rehearsal = rehearsing(ROOTS, practice={"transpose": 5}, bass="roots")
    start = rehearsal.start()
    presses = [press(start + 9, "clear", Layer.BASS), press(start + 10, "stop"), press(start + 11, "undo")]
    rehearsal.play(presses, until=start + 12.0)
    assert [note.pitch % 12 for note in bass(rehearsal) if note.step == 0] == [0, 3, 6, 9]


def test_back_in_the_charts_meter_the_band_is_there_at_once_and_in_its_key() -> None:
    rehearsal = rehearsing(ROOTS, practice={"transpose": 5}, bass="roots")
    start = rehearsal.start()
    meters = [press(start + 1.0, "numerator_down"), press(start + 9.0, "numerator_up")]
    rehearsal.play(meters, until=start + 14.5)
    chord = snapshot_of(rehearsal.state).chords[0]
    assert bass(rehearsal)[0].pitch % 12 == chord.chord.root == 10  # the third pass


def test_a_player_who_stops_ends_what_rings() -> None:
    rehearsal = rehearsing("| C7 | C7 | C7 | C7 |", comping="held")
    start = rehearsal.start()
    sent = rehearsal.play([press(start + 0.5, "comping_player")], until=start + 0.6)
    sounding = {note.instrument for note in rehearsal.state.ledger.notes.values()}
    assert sent
    assert Instrument.CHORDS not in sounding


@pytest.mark.parametrize("transpose", [0, 5, 1, "all"])
def test_each_chorus_leads_into_the_key_of_the_one_that_follows(transpose: object) -> None:
    """The bass's last note is another than the next root, and mostly a step or a fifth away from it."""
    led = list[bool]()
    for seed in range(4):
        heard = choruses(rehearsing("| Cmaj7 | G7 |", seed, {"transpose": transpose}), 6)
        line = [note for chorus in heard for note in chorus]
        seams = [at for at, (time, _) in enumerate(line) if at and time % (2 * BAR_S) == 0]
        for last, first in ((line[at - 1][1], line[at][1]) for at in seams):
            assert (last - first) % 12
            led.append((last - first) % 12 in (1, 2, 7, 10, 11))
    assert sum(led) > 0.9 * len(led)


@pytest.mark.parametrize("transpose", [5, 1, "all"])
def test_a_push_into_the_next_chorus_has_the_chord_that_begins_it(transpose: object) -> None:
    pushes = 0
    for seed in range(12):
        rehearsal = rehearsing("| Cmaj7 | Bb7 |", seed, {"transpose": transpose})
        start = rehearsal.start()
        rehearsal.play([], until=start + 48.0)
        struck: dict[float, set[int]] = {}
        roots: dict[float, int] = {}
        for at, note in sounds(rehearsal.output.sent, NoteOn):
            if isinstance(note, NoteOn) and note.instrument is Instrument.CHORDS:
                struck.setdefault(round(at - start, 3), set()).add(note.pitch)
            if isinstance(note, NoteOn) and note.instrument is Instrument.BASS:
                roots[round(at - start, 3)] = note.pitch
        for seam in range(4, 48, 4):
            for at in (at for at in struck if seam - 0.26 < at < seam - 0.01):
                pushes += 1
                degrees = {(pitch - roots[seam]) % 12 for pitch in struck[at]}
                assert degrees <= {2, 4, 7, 9, 11}  # of the next key's major seventh
                assert {4, 11} <= degrees
    assert pushes > 10


def test_pressed_while_the_loop_is_stopped_the_first_chorus_leads_to_the_second() -> None:
    rehearsal = rehearsing("| Cmaj7 | G7 |")
    rehearsal.play([press(0.0, "transpose"), press(0.1, "transpose")], until=0.2)  # half steps up
    assert (bass(rehearsal)[-1].pitch - 1) % 12 in (1, 2, 7, 10, 11)


def test_the_band_is_asked_for_a_chorus_at_the_tempo_of_the_loop() -> None:
    rehearsal = rehearsing(bass="walking")
    rehearsal.play([press(0.0, "qpm", None, 260.0)], until=0.0)
    start = rehearsal.start()
    rehearsal.play([], until=start + 16 * 60.0 / 260.0 + 0.5)  # into the second chorus
    assert all(note.step % 4 == 0 for note in bass(rehearsal))
    assert rehearsal.state.choruses


def test_after_each_start_and_stop_the_first_chorus_leads_to_the_key_that_is_drawn_next() -> None:
    rehearsal = rehearsing("| Cmaj7 | G7 |", practice={"transpose": "all"})
    seconds = set[int]()
    for number in range(6):
        begin = rehearsal.start(20.0 * number)
        last = bass(rehearsal)[-1].pitch
        rehearsal.play([press(begin + 5.0, "stop"), press(begin + 6.0, "stop")], until=begin + 7.0)
        played = [
            (at, note.pitch) for at, note in sounds(rehearsal.output.sent, NoteOn)
            if isinstance(note, NoteOn) and note.instrument is Instrument.BASS and at >= begin - 0.01
        ]  # fmt: skip
        second = next(pitch for at, pitch in played if at >= begin + 2 * BAR_S - 0.01)
        assert (last - second) % 12 in (1, 2, 5, 7, 10, 11)
        seconds.add(second % 12)
    assert len(seconds) > 2
