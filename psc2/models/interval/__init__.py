"""A network that hears a solo in intervals, over its chords, and weighs each next pitch."""
