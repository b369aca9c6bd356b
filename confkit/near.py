"""Did you mean …? The known name that a misspelt one was probably meant to be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

#: How alike two names must be, as difflib measures it: 0 to 1.
CUTOFF = 0.75
SHORT_CUTOFF = 0.66
#: How much of a name is looked at: names may be made from input.
LONGEST = 128
#: How many of the names that share most pairs of letters are compared letter by letter.
_CANDIDATES = 8
#: Of so many names, pairs of letters that many of them have say nothing more about one.
_MOST_SHARING = 1000


def near(name: str, names: Iterable[str]) -> str:
    """The known name that ``name`` was probably meant to be, else an empty text."""
    import difflib  # only what is wrong needs it

    # One wrong letter of three is as near as names of three letters get: mim for min.
    cutoff = SHORT_CUTOFF if len(name) == 3 else CUTOFF
    close = difflib.get_close_matches(name[:LONGEST], list(names), n=1, cutoff=cutoff)
    return close[0] if close else ""


def did_you_mean(name: str, names: Iterable[str], before: str = "") -> str:
    """``did you mean NAME?`` for a name that is nearly one of ``names``, else an empty text.

    ``before`` goes in front of a suggestion, and nowhere without one.
    """
    meant = near(name, names)
    return f"{before}did you mean {meant}?" if meant else ""


class KnownNames:
    """Names that others are compared with, indexed by their pairs of letters."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = list(names)
        self.by_pair: dict[str, list[str]] = {}
        for name in self.names:
            for pair in _pairs(name):
                self.by_pair.setdefault(pair, []).append(name)

    def near(self, name: str) -> str:
        """The known name that ``name`` was probably meant to be, else an empty text."""
        if len(self.names) <= _CANDIDATES:
            return near(name, self.names)
        shared: Counter[str] = Counter()
        for names in sorted((self.by_pair.get(pair, []) for pair in _pairs(name)), key=len):
            shared.update(names)
            if shared.total() > _MOST_SHARING:
                break
        return near(name, [candidate for candidate, _ in shared.most_common(_CANDIDATES)])

    def did_you_mean(self, name: str) -> str:
        """``did you mean NAME?`` for a name that is nearly a known one, else an empty text."""
        meant = self.near(name)
        return f"did you mean {meant}?" if meant else ""


def _pairs(name: str) -> set[str]:
    """Neighbouring letters in either order, which two that changed places share, and both ends."""
    framed = f"^{name[:LONGEST]}$"
    return {min(a + b, b + a) for a, b in pairwise(framed)}
