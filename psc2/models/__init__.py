"""What a melody or a beat can come from: Markov chains, and the networks of Magenta's bundles."""

import os

# A step of a network is too small to be shared among processors. NumPy asks once, when it is imported.
for _variable in ("OPENBLAS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ.setdefault(_variable, "1")
