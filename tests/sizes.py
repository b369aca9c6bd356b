"""How long the long tests are: whole where nothing is said, a part where CONFKIT_SIZE is.

A run that looks at what is installed around the code, old versions or another Python, does not
need a thousand rotations again.
"""

from __future__ import annotations

import os

#: Which part of the usual size, above 0 and up to 1.
PART = float(os.environ.get("CONFKIT_SIZE", "1"))


def sized(whole: int, step: int = 1) -> int:
    """The part of ``whole`` that this run takes: a multiple of ``step``, and at least one."""
    return max(step, int(whole * PART) // step * step)
