"""The command ``psc2``, and ``python -m psc2``."""

import sys

try:  # nothing is there yet that would have to be ended well: Ctrl-C ends it, without a traceback
    import signal

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
except KeyboardInterrupt:
    sys.exit(130)

from psc2.commands.main import main

if __name__ == "__main__":
    sys.exit(main())
