"""Starting daemon threads, also where none can be started any more."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any


def start_thread(name: str, target: Callable[..., Any], *args: Any) -> threading.Thread | None:
    """A daemon thread that runs ``target(*args)``, or None while the interpreter ends.

    From Python 3.12 on no thread starts once the callbacks of :mod:`atexit` run, and those may
    still ask for a flag, a secret or a setting. The caller then does the work itself.
    """
    thread = threading.Thread(target=target, name=name, args=args, daemon=True)
    try:
        thread.start()
    except RuntimeError:
        if threading.main_thread().is_alive():  # no room for a thread, and not the end
            raise
        return None
    return thread
