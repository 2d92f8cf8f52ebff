"""psc2: a live looper and improvisation partner for jazz.

Source: Pablo Samuel Castro, "Performing Structured Improvisations with pre-trained
Deep Learning Models".
"""
