"""What goes on beside a test or a measure."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def repeating(act: Callable[[], object], every_s: float) -> Iterator[None]:
    """``act`` at once, and again every ``every_s`` seconds while the block runs, in a thread of its own."""
    over = threading.Event()

    def repeat() -> None:
        act()
        while not over.wait(every_s):
            act()

    thread = threading.Thread(target=repeat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
