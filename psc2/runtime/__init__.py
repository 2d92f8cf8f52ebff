"""The engine, the threads around it, and the same engine in virtual time."""
