"""One thing outside each: clock, OSC, terminal, the SuperCollider process, files. Never each other."""
