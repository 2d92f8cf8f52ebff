"""A whole set without any hardware: its script, the player of it, and what it writes."""
