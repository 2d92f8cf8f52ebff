"""What the panel shows, made of a snapshot and a moment: no terminal, no clock, no lock."""
