"""Whose turn it is in improv mode, and what changes it: a number and words."""

from __future__ import annotations

from psc2.core.ranges import counted
from psc2.core.snapshot import Snapshot
from psc2.core.state import Phase
from psc2.core.turns import MIN_PHRASE, Answerer, TurnKind


def is_warned(now: Snapshot, beats: int | None) -> bool:
    """Whether the turn changes within a bar, at a moment that is known; ``beats``: up to there."""
    if now.improv.phase is Phase.LISTENING and not now.primer_length:
        return False  # the next turn is the player's, too
    return beats is not None and beats <= now.form.time_signature.numerator


def turn_number(now: Snapshot, beats: int | None) -> str:
    """How many notes or beats until the turn changes; without an end, how many notes it has had."""
    improv, kind = now.improv, now.improv.rule.kind
    if beats is not None and (kind.has_length or is_warned(now, beats)):
        return str(beats)
    match improv.phase:
        case Phase.LISTENING if kind is TurnKind.COUNT and not improv.held:
            return str(max(0, now.min_primer_length - now.primer_length))
        case Phase.LISTENING:
            return str(now.primer_length)
        case Phase.ANSWERING:
            return str(improv.answered if kind is TurnKind.PEDAL else now.pitches_left)
    return "…"


def turn_words(now: Snapshot, beats: int | None, width: int) -> str:
    """One line for the player; ``width``: columns that a bar of it may be a third of."""
    if now.improv.muted:
        return "the machine lays out"
    match now.improv.phase:
        case Phase.LISTENING if not now.improv.at_once:
            return _listening(now, beats, width)
        case Phase.READY if now.improv.rule.kind.has_length:
            return f"the machine's turn{_within(beats)}"
        case Phase.READY if beats is not None:
            return f"rest, and the machine takes over; at the latest{_within(beats)}"
        case Phase.READY:
            return "rest, and the machine takes over"
        case Phase.ANSWERING:
            return _answering(now, beats)
    return "the machine is thinking"


def _listening(now: Snapshot, beats: int | None, width: int) -> str:
    notes, wanted, kind = now.primer_length, now.min_primer_length, now.improv.rule.kind
    if now.improv.held:
        return f"your call: {counted(notes, 'note')}; pedal up, or h, and it answers"
    match kind:
        case TurnKind.COUNT:
            length = max(5, min(wanted, width // 3))
            full = min(length, length * notes // wanted)
            return f"your call {'━' * full}{'╌' * (length - full)} {notes}/{wanted}"
        case TurnKind.PHRASE:
            short = f"{MIN_PHRASE} and a rest are a phrase" if notes < MIN_PHRASE else "a rest ends it"
            return f"your call: {counted(notes, 'note')}; {short}"
        case TurnKind.PEDAL:
            return "pedal down, or h, and the machine listens"
    if not notes:
        return f"your {_length(now)}: the machine answers what you play in them"
    return f"your {_length(now)}{_within(beats, 'the machine')}"


def _answering(now: Snapshot, beats: int | None) -> str:
    kind, plays = now.improv.rule.kind, now.answer is Answerer.MACHINE
    if kind.has_length:
        return f"the machine's {_length(now)}{_within(beats, 'you')}"
    whose = "the machine plays" if plays else "your keys, the machine's pitches"
    if kind is TurnKind.PEDAL:
        return f"{whose}; pedal down, or h, and it is your turn"
    if now.pitches_left:
        return f"{whose}: {now.pitches_left} left"
    return whose if plays else f"{whose}: rest, and it is your turn"


def _length(now: Snapshot) -> str:
    """How long a turn is."""
    rule = now.improv.rule
    if rule.kind is TurnKind.BARS:
        return counted(rule.length, "bar")
    return "chorus" if rule.length == 1 else f"{rule.length} choruses"


def _within(beats: int | None, whose: str = "") -> str:
    """When the turn changes, as far as that is known."""
    if beats is None:
        return ""
    return f"{f': {whose}' if whose else ''} in {counted(beats, 'beat')}"
