"""The control changes that keyboards send.

Source: the MIDI 1.0 specification, table of control change numbers and channel mode messages.
"""

MODULATION = 1
SUSTAIN = 64
ALL_SOUND_OFF = 120
RESET_CONTROLLERS = 121
ALL_NOTES_OFF = 123
