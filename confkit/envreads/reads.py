"""One read of an environment variable, as it is found in source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

#: Variables that every program may read without a project knowing them.
_NAMES = """
    PATH HOME USER USERNAME LOGNAME SHELL PWD OLDPWD TERM COLORTERM LANG LANGUAGE TZ TMPDIR
    TEMP TMP DISPLAY WAYLAND_DISPLAY EDITOR VISUAL PAGER BROWSER HOSTNAME COMSPEC PATHEXT
    SYSTEMROOT APPDATA LOCALAPPDATA PROGRAMDATA PROGRAMFILES USERPROFILE HOMEDRIVE HOMEPATH
    WINDIR NO_COLOR FORCE_COLOR CLICOLOR CLICOLOR_FORCE COLUMNS LINES CI DEBIAN_FRONTEND
    VIRTUAL_ENV CONDA_PREFIX SSH_AUTH_SOCK SSH_CONNECTION SSH_TTY MAIL SHLVL HTTP_PROXY
    HTTPS_PROXY NO_PROXY ALL_PROXY CC CXX CFLAGS LDFLAGS SOURCE_DATE_EPOCH LD_LIBRARY_PATH
"""
_PLATFORM = frozenset(_NAMES.split())
_PLATFORM_STARTS = ("LC_", "XDG_", "PYTHON", "PYTEST_", "GITHUB_", "_")


@dataclass(frozen=True, slots=True)
class Read:
    """One place that reads one variable.

    ``default`` is the source text of the value used where the variable is not set, None where
    there is none; ``required``: an unset variable is an error; ``type`` is the type that the code
    makes of it, as far as it tells; ``how`` names the form: ``os.environ``, ``decouple``.
    """

    name: str
    file: str
    line: int
    column: int
    how: str
    default: str | None = None
    required: bool = False
    type: str = "str"

    @property
    def place(self) -> str:
        """``shop/settings.py:12:8``."""
        return f"{self.file}:{self.line}:{self.column}"

    def as_dict(self) -> dict[str, Any]:
        """The read for machines."""
        return {
            "name": self.name,
            "file": self.file,
            "line": self.line,
            "column": self.column,
            "how": self.how,
            "default": self.default,
            "required": self.required,
            "type": self.type,
        }


def of_the_platform(name: str) -> bool:
    """Whether a variable is one that systems and tools set, and no project declares."""
    upper = name.upper()
    return upper in _PLATFORM or upper.startswith(_PLATFORM_STARTS)
