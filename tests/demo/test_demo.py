"""The demo: a whole set in virtual time, as a score, a file and a picture."""

import signal
from itertools import islice, pairwise
from pathlib import Path

import pytest

from psc2.core.fitting import FARTHEST
from psc2.core.instruments import Instrument
from psc2.core.meter import TimeSignature
from psc2.core.requests import DrumsRequest, MelodyRequest, Model
from psc2.core.state import Phase
from psc2.daemon import initial_state
from psc2.demo import demo
from psc2.demo.demo import Take, VirtualPlayer
from psc2.demo.script import load_script
from psc2.errors import ConfigError, StartError
from psc2.models.catalogue import open_model
from psc2.models.markov import Markov
from psc2.runtime.virtual import Performance, key, press
from psc2.scores.score import Part, Score
from psc2.settings.config import load_config
from psc2.testing import FakeDrums, FakeMelody
from tests.daemons import daemon

CALLS = 4
NOTES_A_CALL = 20


@pytest.fixture(scope="module")
def take() -> Take:
    return demo.perform(demo.SONG, seed=0)


@pytest.fixture(scope="module")
def score(take: Take) -> Score:
    return take.score


@pytest.fixture(scope="module")
def player() -> VirtualPlayer:
    script = load_script(demo.SONG, seed=0)
    player = VirtualPlayer(script.config, seed=0)
    player.play((*script.events, script.stop))
    return player


def pitches(score: Score, part: Part) -> list[int]:
    return [note.pitch for note in score.notes if note.part is part]


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    first, second = (
        [path.read_bytes() for path in demo.write(demo.perform(demo.SONG, seed=3), tmp_path / name)]
        for name in ("first", "second")
    )
    assert first == second


def test_the_files_are_named_after_the_song(take: Take, tmp_path: Path) -> None:
    paths = demo.write(take, tmp_path / "new" / "folder")
    assert [path.name for path in paths] == ["demo.mid", "demo.png"]
    assert paths[0].read_bytes().startswith(b"MThd")
    assert paths[1].read_bytes().startswith(b"\x89PNG")


def test_another_seed_gives_other_machine_notes_and_the_same_call(score: Score) -> None:
    other = demo.perform(demo.SONG, seed=1).score
    assert pitches(other, Part.MACHINE) != pitches(score, Part.MACHINE)
    assert sorted(pitches(other, Part.PLAYER)) == sorted(pitches(score, Part.PLAYER))


def test_every_part_is_heard(score: Score) -> None:
    assert {note.part for note in score.notes} == set(Part)


def test_several_calls_are_answered(player: VirtualPlayer) -> None:
    calls = [request for request in player.performance.requests if isinstance(request, MelodyRequest)]
    assert [len(call.primer) for call in calls] == [NOTES_A_CALL] * CALLS


def test_the_machine_makes_a_beat(player: VirtualPlayer) -> None:
    assert any(isinstance(request, DrumsRequest) for request in player.performance.requests)


def test_the_machines_part_is_its_pitches_one_a_key_that_was_intercepted(
    score: Score, player: VirtualPlayer
) -> None:
    weimar, markov = open_model(Model.MELODY, "weimar", "native"), Markov()  # they answer the same again
    expected: list[list[int]] = []
    for call in player.performance.requests:
        if isinstance(call, MelodyRequest):
            more = iter(markov.continue_melody(call))  # for where weimar falls silent
            own = list(islice(weimar.continue_melody(call), call.num_pitches))
            expected.append([*own, *islice(more, call.num_pitches - len(own))][:NOTES_A_CALL])
    machines = pitches(score, Part.MACHINE)
    assert len(machines) == CALLS * NOTES_A_CALL
    assert all(48 <= pitch <= 96 for pitch in machines)  # in its register
    for n, answer in enumerate(expected):
        played = machines[n * NOTES_A_CALL : (n + 1) * NOTES_A_CALL]
        moved = [min((a - b) % 12, (b - a) % 12) for a, b in zip(played, answer, strict=True)][:-1]
        assert max(moved) <= FARTHEST  # to fit a chord; and the last one leads back to the hands
        assert moved.count(0) >= 0.8 * len(moved)


def test_the_machine_is_the_models_that_come_with_psc2(player: VirtualPlayer) -> None:
    script = load_script(demo.SONG, seed=0)
    assert (script.config.improv.model, script.config.drums.model) == ("weimar", "groove")
    assert player.performance.engine.snapshot().improv.from_model > 0


def test_where_a_model_falls_silent_markov_goes_on_as_in_the_instrument() -> None:
    state = initial_state(load_config(None, {"improv": {"min_primer_length": 3, "max_robot_length": 5}}), 0)
    performance = Performance(state, FakeMelody(90), FakeDrums(), stand_in=Markov())
    buttons = [press(0.0, action) for action in ("play", "improv")]
    performance.play([*buttons, *key(0.1, 60), *key(0.3, 62), *key(0.5, 64)], until=2.0)
    assert state.improv.phase is Phase.ANSWERING
    assert (state.improv.from_model, state.improv.from_stand_in) == (1, 4)


def test_a_machine_pitch_that_equals_the_key_is_still_the_machines(tmp_path: Path) -> None:
    path = tmp_path / "song.yaml"
    path.write_text(
        """
        title: One note
        settings:
          improv:
            {min_primer_length: 4, max_robot_length: 3, model: markov, takeover: now, handback: now}
        swing: 0.5
        looseness: 0
        sections:
          - name: A
            bars: 4
            hands:
              - {bar: 1, press: improv}
              - {bar: 2, play: A4/8 A4 A4 A4}
              - {bar: 3, play: A4/4 A4 A4 A4}
        """
    )
    score = demo.perform(path, seed=0).score
    lead = [(note.part, note.pitch) for note in score.notes if note.part in (Part.PLAYER, Part.MACHINE)]
    assert lead == [*[(Part.PLAYER, 69)] * 4, *[(Part.MACHINE, 69)] * 3, (Part.PLAYER, 69)]


def test_no_input_was_bad_and_no_step_late(player: VirtualPlayer) -> None:
    state = player.state
    assert (dict(state.counts.bad_input), state.counts.late_steps) == ({}, 0)
    assert (state.improv.trouble, state.beat_maker.trouble) == ("", "")


def test_each_note_has_a_length_and_ends_with_the_song(score: Score) -> None:
    assert all(note.end > note.onset for note in score.notes)
    assert max(note.end for note in score.notes) <= score.end


def test_the_count_in_comes_before_step_0(score: Score) -> None:
    assert score.start == -16
    assert score.sequences[:2] == (-16, 0)
    assert [note.instrument for note in score.notes if note.onset < -0.5] == [
        Instrument.CLICK_BAR, *[Instrument.CLICK_BEAT] * 3,
    ]  # fmt: skip


def test_meter_and_tempo_change_where_the_song_says(score: Score) -> None:
    meters = list(score.bar_lines.items())
    changes = [now for before, now in pairwise(meters) if now[1] != before[1]]
    assert changes == [(384, TimeSignature(7, 8)), (496, TimeSignature(4, 4))]
    assert [qpm for _, qpm in score.tempi] == [112.0, 126.0]
    assert abs(score.tempi[1][0] - 496) <= 1


def test_a_song_in_another_meter_than_the_loop_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "song.yaml"
    path.write_text(
        "{title: x, swing: 0.5, looseness: 0, sections: [{name: A, bars: 2}, {name: B, bars: 1, meter: 3/4}]}"
    )
    with pytest.raises(ConfigError) as raised:
        demo.perform(path, seed=0)
    (problem,) = raised.value.problems
    assert problem.endswith(
        "sections.2 (B): expected the loop to be in 3/4 at bar 3, got 4/4: "
        "a new meter or number of bars begins with the next sequence"
    )


def test_a_folder_that_cannot_be_made_is_one_line(take: Take, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StartError, match="file"):
        demo.write(take, tmp_path / "file")


def test_a_song_as_it_goes_over_the_wire(take: Take) -> None:
    sent = list(demo.messages(take))
    first_note = next(n for n, (_, address, _) in enumerate(sent) if not address.startswith("/psc2/"))
    assert sent[first_note - 1] == (0.0, "/psc2/rig", (take.rig.number,))
    addresses = {address for _, address, _ in sent[first_note:]}
    assert {"/playclick0", "/playkick", "/playbass", "/stopbass", "/playchords", "/playwurly"} <= addresses
    assert all(moment >= 0 for moment, _, _ in sent)


@pytest.mark.loopback
@pytest.mark.timing
def test_live_it_plays_on_the_real_instrument_with_the_players_own_rig(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("sound: {voices: {lead: organ}}\noutput: {lookahead_ms: 80}\n")
    with daemon("--live", "--plain", "--config", str(own), command="demo") as (process, client):
        client.hello()
        received = client.receive_until("/playbass", timeout_s=30)  # the count-in, then the song's first note
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
    voices = {
        message.arguments[0]: message.arguments[2] for message in received if message.address == "/psc2/sound"
    }
    assert voices["lead"] == "organ"
    clicks = [message for message in received if message.address.startswith("/playclick")]
    assert len(clicks) >= 4
