"""SuperCollider as a program: found, started, kept running, and asked to render."""
