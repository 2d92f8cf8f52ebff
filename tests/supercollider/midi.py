"""MIDI devices that exist only in a text file (see midi_devices), and the messages that they are sent."""

from tests.supercollider.osc import Argument, Message

KEYBOARD = 24 << 16  # uids as ALSA makes them: client number and port
CONTROLLER = 28 << 16
SYNTH = 36 << 16
DRUM_MACHINE = 40 << 16
DEVICES = (
    f"{KEYBOARD}\tKeystation 61\tKeystation 61 MIDI 1\n{CONTROLLER}\tnanoKONTROL2\tnanoKONTROL2 MIDI 1\n"
    f"{14 << 16}\tMidi Through\tMidi Through Port-0\tout\n"
    f"{SYNTH}\tMinilogue\tMinilogue MIDI 1\tout\n{DRUM_MACHINE}\tTR-8S\tTR-8S MIDI 1\tout\n"
)

ON, OFF, CONTROL, PROGRAM, BEND = 0x90, 0x80, 0xB0, 0xC0, 0xE0
ALL_NOTES_OFF = 123
EXACT_S = 0.005  # how exactly a moment is known: two programs' clocks, and the way from one to the other
SEEN_S = 2.2  # until what is plugged in or pulled out has surely been seen
TO_SYNTH: dict[str, Argument] = {"port": "minilogue", "channel": 3}
MIDI_ONLY: dict[str, dict[str, Argument]] = {"lead": {"heard": 0}}


def data(messages: list[Message], *statuses: int) -> list[tuple[int, ...]]:
    """Status, channel and data of the messages with one of the statuses, or of all."""
    found = [message.arguments[1:] for message in messages]
    return [tuple(map(int, item)) for item in found if not statuses or item[0] in statuses]
