"""The line of the user's code that called into confkit: for origins, warnings and leak reports."""

from __future__ import annotations

import os
import sys
import warnings
from functools import lru_cache
from pathlib import Path
from types import FrameType

from confkit.layers import Kind, Origin, shown


def call_site(kind: Kind) -> Origin:
    """The line of the nearest caller outside confkit and the standard library's contextlib."""
    frame = _caller()
    return Origin(kind, _shown(frame.f_code.co_filename), frame.f_lineno)


def warn_caller(text: str, category: type[Warning] = FutureWarning) -> None:
    """Warn at that line, however deep inside confkit the reason is found."""
    frame = _caller()
    seen = frame.f_globals.setdefault("__warningregistry__", {})
    file, line = frame.f_code.co_filename, frame.f_lineno
    warnings.warn_explicit(text, category, file, line, registry=seen)


def _caller() -> FrameType:
    frame = sys._getframe(1)  # noqa: SLF001 - the only way to a caller without building a traceback
    while frame.f_back is not None and _inside(frame.f_code.co_filename):
        frame = frame.f_back
    return frame


_PACKAGE = str(Path(__file__).parent) + os.sep
_PLUMBING = ("contextlib.py", "functools.py")


@lru_cache(maxsize=1024)
def _inside(filename: str) -> bool:
    return filename.startswith(_PACKAGE) or filename.endswith(_PLUMBING)


@lru_cache(maxsize=1024)
def _shown(filename: str) -> str:
    return shown(Path(filename)) if not filename.startswith("<") else filename
