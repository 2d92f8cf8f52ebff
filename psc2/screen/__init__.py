"""The terminal: what the panel shows, made of a snapshot and a moment, and what the computer's keys mean."""
