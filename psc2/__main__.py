"""The command ``psc2``, and ``python -m psc2``."""

import signal
import sys

if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # nothing is there yet to be ended: no traceback

from psc2.commands.main import main

if __name__ == "__main__":
    sys.exit(main())
