"""How psc2's own models are made: music to learn from, training on JAX, and what came out, measured."""
