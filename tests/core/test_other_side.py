"""How the daemon and SuperCollider find, miss and find each other again."""

from dataclasses import replace

import pytest

from psc2.core.effects import Alive, Bend, Flush, Modulate, NoteOff, Redirect, Refuse, SetUp, Strike
from psc2.core.events import (
    Event,
    Hello,
    KeyDown,
    Modulation,
    PitchBend,
    Press,
    SoundServer,
    SuperColliderStatus,
)
from psc2.core.instruments import Instrument
from psc2.core.notices import Notice, NoticeKind
from psc2.core.rules import PEER_GONE_S
from psc2.scores.score import Sent
from psc2.screen.notices import notice_line
from psc2.testing import Rehearsal, sounds


def hello(rehearsal: Rehearsal, at: float, port: int = 57120) -> Hello:
    """From a SuperCollider that plays by the daemon's rig."""
    return Hello(at, port, rehearsal.state.settings.rig.number)


def effects(sent: list[Sent]) -> list[object]:
    return [one.effect for one in sent]


def clicks(sent: list[Sent]) -> list[float]:
    """When they sound."""
    return [when for when, _ in sounds(sent, Strike)]


def test_auto_sends_untagged_until_hello_and_ahead_from_then_on() -> None:
    rehearsal = Rehearsal(output={"timing": "auto"})
    start = rehearsal.start()
    before = rehearsal.play([], until=start + 1.1)
    assert {one.when - one.sent_at for one in before} == {0.0}
    rehearsal.engine.retimed.clear()
    rehearsal.play([hello(rehearsal, start + 1.2)], until=start + 1.2)
    assert rehearsal.engine.retimed.is_set()
    after = rehearsal.play([], until=start + 3.1)
    looped = [one for one in after if isinstance(one.effect, Strike)]
    assert {round(one.when - one.sent_at, 6) for one in looped} == {0.05}
    assert [when - start for when in clicks([*before, *after])] == pytest.approx([0.5 * n for n in range(7)])


@pytest.mark.parametrize("timing", ["timetag", "immediate"])
def test_other_timings_are_not_changed_by_hello(timing: str) -> None:
    rehearsal = Rehearsal(output={"timing": timing})
    tagged = rehearsal.state.peer.tagged
    rehearsal.play([hello(rehearsal, 0.5)], until=0.5)
    assert rehearsal.state.peer.tagged is tagged


def test_who_is_played_with_stays_whoever_else_says_hello_and_the_other_is_told_once() -> None:
    rehearsal = Rehearsal()
    rehearsal.play([hello(rehearsal, 0.5), KeyDown(0.6, 0, 60, 90)], until=0.6)
    others = [hello(rehearsal, 0.7 + n / 20, port=57130) for n in range(40)]
    ours = [hello(rehearsal, 1.5), hello(rehearsal, 2.5)]
    sent = rehearsal.play([*others, *ours], until=2.7)
    assert [effect for effect in effects(sent) if effect != Alive()] == [Refuse(57130)]
    snapshot = rehearsal.engine.snapshot()
    assert snapshot.peer.port == 57120
    assert snapshot.notice == Notice(1, NoticeKind.ANOTHER_SUPERCOLLIDER, value=57130)


def test_another_one_is_played_with_once_the_first_has_gone() -> None:
    rehearsal = Rehearsal()
    rehearsal.play([hello(rehearsal, 0.5), KeyDown(0.6, 0, 60, 90)], until=0.6)
    sent = rehearsal.play([hello(rehearsal, 3.6, port=57121)], until=3.6)
    taken = [Flush(), NoteOff(Instrument.LEAD, 60, note_id=1), Redirect(57121)]
    assert [effect for effect in effects(sent) if effect != Alive()] == taken


def test_the_one_that_psc2_has_started_is_played_with_at_once() -> None:
    rehearsal = Rehearsal()
    rehearsal.state.settings = replace(rehearsal.state.settings, token="secret")
    rig = rehearsal.state.settings.rig.number
    rehearsal.play([Hello(0.5, 57130, rig), Hello(0.6, 57121, rig, "secret")], until=0.6)
    assert rehearsal.state.peer.port == 57121
    rehearsal.play([Hello(0.7, 57130, rig, "guess"), Hello(0.8, 57130, rig)], until=0.8)
    assert rehearsal.state.peer.port == 57121


def test_what_a_daemon_before_this_one_left_sounding_is_silenced_at_the_first_hello_alone() -> None:
    rehearsal = Rehearsal()
    assert Flush() in effects(rehearsal.play([hello(rehearsal, 0.5)], until=0.5))
    assert Flush() not in effects(rehearsal.play([hello(rehearsal, 1.4)], until=1.4))


def test_a_supercollider_that_plays_by_another_rig_is_told_ours_where_it_listens() -> None:
    rehearsal = Rehearsal()
    rig = rehearsal.state.settings.rig
    sent = rehearsal.play([Hello(0.5, 57121, rig=0)], until=0.6)
    assert effects(sent)[-3:] == [Redirect(57121), Flush(), SetUp(rig)]
    assert effects(rehearsal.play([Hello(1.45, 57121, rig.number)], until=1.49)) == []
    assert effects(rehearsal.play([Hello(2.45, 57121, rig.number + 1)], until=2.49)) == [Alive(), SetUp(rig)]


def test_a_client_that_never_says_hello_gets_no_heartbeat_and_is_never_missed() -> None:
    rehearsal = Rehearsal()
    sent = rehearsal.play([KeyDown(0.5, 0, 60, 90)], until=60.0)
    assert len(sent) == 1
    assert not rehearsal.state.peer.gone


def test_who_has_said_hello_gets_a_heartbeat_and_is_missed_within_three_seconds() -> None:
    rehearsal = Rehearsal()
    rehearsal.play([hello(rehearsal, 0.5)], until=0.5)
    sent = rehearsal.play([], until=0.49 + PEER_GONE_S)
    assert [(one.when, one.effect) for one in sent] == [(1.5, Alive()), (2.5, Alive())]
    assert not rehearsal.engine.snapshot().peer.gone
    sent = rehearsal.play([], until=0.5 + PEER_GONE_S)
    assert rehearsal.engine.snapshot().peer.gone
    sent += rehearsal.play([], until=3.5)
    assert effects(sent) == [Alive()]  # so that one that comes back knows that we are here
    rehearsal.play([hello(rehearsal, 4.6)], until=4.6)
    assert not rehearsal.engine.snapshot().peer.gone


def test_each_hello_puts_off_the_moment_at_which_supercollider_is_missed() -> None:
    rehearsal = Rehearsal()
    hellos = [hello(rehearsal, 0.5 + n) for n in range(20)]
    sent = rehearsal.play(hellos, until=22.1)
    alive = [one.when for one in sent if one.effect == Alive()]
    assert alive == [1.5 + n for n in range(21)]  # while the loop is stopped, too
    assert not rehearsal.engine.snapshot().peer.gone


def test_the_loop_goes_on_over_a_supercollider_that_comes_and_goes() -> None:
    rehearsal = Rehearsal()
    start = rehearsal.start()
    events: list[Event] = [hello(rehearsal, 0.5), Hello(6.0, 57121, rig=0)]
    sent = rehearsal.play(events, until=start + 10.1)
    assert [when - start for when in clicks(sent)] == pytest.approx([0.5 * n for n in range(21)])


def test_what_supercollider_finds_wrong_is_in_the_snapshot_until_it_is_well() -> None:
    rehearsal = Rehearsal()
    rehearsal.play([SuperColliderStatus(0.5, 'no MIDI output "Minilogue"')], until=0.6)
    assert rehearsal.engine.snapshot().peer.status == 'no MIDI output "Minilogue"'
    rehearsal.play([SuperColliderStatus(1.5, "")], until=1.6)
    assert rehearsal.engine.snapshot().peer.status == ""


def test_a_new_supercollider_gets_the_wheels_as_they_stand() -> None:
    rehearsal = Rehearsal()
    rehearsal.play([PitchBend(0.1, 1, 9000), Modulation(0.2, 1, 77), Hello(0.5, 57120, rig=0)], until=0.5)
    sent = rehearsal.play([Hello(0.6, 57120, rig=0)], until=0.6)
    assert effects(sent) == [SetUp(rehearsal.state.settings.rig), Bend(9000), Modulate(77)]
    back: list[Event] = [PitchBend(0.7, 1, 8192), Modulation(0.7, 1, 0)]
    sent = rehearsal.play([*back, Hello(0.8, 57120, rig=0)], until=0.8)
    assert effects(sent)[2:] == [SetUp(rehearsal.state.settings.rig)]


def test_the_loop_is_sent_as_far_ahead_as_the_sound_server_needs() -> None:
    rehearsal = Rehearsal()
    start = rehearsal.start()
    leads = []
    for period_s in (None, 256 / 48_000, 1024 / 48_000, 1.0, 256 / 48_000):
        at = rehearsal.clock.now() + 0.3
        sent = rehearsal.play([SoundServer(at, period_s, 0)], until=at + 1.0)
        late = [one for one in sent if isinstance(one.effect, Strike) and one.sent_at > at]
        leads.append({round(one.when - one.sent_at, 6) for one in late})
    assert leads == [{0.05}, {0.05}, {0.07}, {0.2}, {0.05}]
    assert start < rehearsal.clock.now()


def test_a_look_ahead_that_is_configured_stays() -> None:
    rehearsal = Rehearsal(output={"lookahead_ms": 30})
    rehearsal.play([SoundServer(0.1, 1024 / 48_000, 7)], until=0.1)
    assert rehearsal.state.lookahead_s == 0.03
    assert rehearsal.engine.snapshot().peer.late_bundles == 7


def test_where_one_that_named_another_port_goes_the_configured_one_is_sent_to_again() -> None:
    rehearsal = Rehearsal(output={"timing": "auto"})
    rehearsal.play([Press(0.0, 0, "play"), Hello(1.0, 3333, 0)], until=2.0)
    assert rehearsal.engine.snapshot().peer.port == 3333
    rehearsal.play([], until=1.0 + PEER_GONE_S + 0.1)
    snapshot = rehearsal.engine.snapshot()
    assert (snapshot.peer.port, snapshot.peer.tagged) == (57120, False)
    assert Redirect(57120) in [one.effect for one in rehearsal.output.sent]
    assert snapshot.notice is not None
    assert notice_line(snapshot.notice) == (
        "who listened on port 3333 has gone: what sounds goes to port 57120 again"
    )
    rehearsal.play([Hello(5.0, 3333, 0)], until=5.1)
    assert rehearsal.engine.snapshot().peer.port == 3333


def test_psc2_does_not_take_itself_for_supercollider() -> None:
    rehearsal = Rehearsal()
    rehearsal.play([Hello(1.0, 12345, 0)], until=1.1)
    snapshot = rehearsal.engine.snapshot()
    assert (snapshot.peer.port, snapshot.peer.hello_at) == (57120, None)
    assert snapshot.counts.bad_input == {"hello from psc2's own port": 1}
