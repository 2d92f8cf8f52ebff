"""OSC between SuperCollider and the daemon, in and out."""
