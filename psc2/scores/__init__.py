"""Music written down: notation, MIDI files, piano rolls."""
