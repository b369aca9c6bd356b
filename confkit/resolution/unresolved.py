"""What interpolation raises, told without a secret that looks like a variable.

A password may read ``${Kanarie99}``. Whoever wrote it means no variable, and a message that names
the variable would show the password.
"""

from __future__ import annotations

import re

#: How names of variables are written by convention, and those of schemes; a password hardly is.
_NAME = re.compile(r"[A-Z]{1,24}[0-9]?(?:_[A-Z0-9]{1,24})*\Z")
_SCHEME = re.compile(r"[a-z][a-z+.-]{0,15}\Z")

_INSTEAD = {
    "unset-variable": (
        "names a variable that is not set",
        "set it, or write $$ for a dollar sign that is part of the secret",
    ),
    "unknown-scheme": ("holds a reference of a scheme that nothing answers", ""),
    "interpolation": ("holds a ${...} that cannot be expanded", "write $${ for a ${ that is text"),
}


def telling(name: str) -> bool:
    """Whether a name is written as those of variables are, so that it may be shown."""
    return _NAME.match(name) is not None


class Unresolved(ValueError):
    """A name or reference that has no answer; ``hint`` is what to do, ``code`` for machines.

    ``quoted`` is what the message has from the text itself.
    """

    def __init__(
        self, message: str, hint: str = "", code: str = "unset-variable", *, quoted: str = ""
    ) -> None:
        super().__init__(message)
        self.message, self.hint, self.code, self.quoted = message, hint, code, quoted

    def shown(self, *, secret: bool) -> tuple[str, str]:
        """Message and hint; of a secret without a name that may be a part of it."""
        scheme = self.code == "unknown-scheme" and _SCHEME.match(self.quoted)
        if not secret or not self.quoted or scheme or telling(self.quoted):
            return self.message, self.hint
        message, hint = _INSTEAD[self.code]
        return message, hint or self.hint
