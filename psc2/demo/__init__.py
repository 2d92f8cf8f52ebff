"""A whole set without any hardware: its script, the hands that play it, and what it writes."""
