"""MelodyRNN and DrumsRNN in NumPy: encodings, primers, the network, and the players that are asked."""
