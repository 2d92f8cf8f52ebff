"""``python -m psc2`` is the command ``psc2``."""

import sys

from psc2.commands.main import main

sys.exit(main())
