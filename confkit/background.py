"""Starting daemon threads, also where none starts: in a browser, and as the interpreter ends."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Any

#: Pythons without threads: Pyodide, in a browser or in Node.js.
THREADLESS = ("emscripten", "wasi")


def has_threads() -> bool:
    """Whether this Python can start threads at all."""
    return sys.platform not in THREADLESS


def start_thread(name: str, target: Callable[..., Any], *args: Any) -> threading.Thread | None:
    """A daemon thread that runs ``target(*args)``, or None where no thread can be started.

    In a browser none can. From Python 3.12 on no thread starts once the callbacks of :mod:`atexit`
    run, and those may still ask for a flag, a secret or a setting. The caller then does the work
    itself.
    """
    if not has_threads():
        return None
    thread = threading.Thread(target=target, name=name, args=args, daemon=True)
    try:
        thread.start()
    except RuntimeError:
        if threading.main_thread().is_alive():  # no room for a thread, and not the end
            raise
        return None
    return thread
