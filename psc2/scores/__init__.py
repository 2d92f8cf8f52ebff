"""Music written down: notation, charts of chords, MIDI files, piano rolls."""
