"""One way to check a text, for every test of the checks."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from confkit.envcheck.checking import Checks
from confkit.envcheck.codes import CODES
from confkit.envcheck.envfile import EnvFile
from confkit.envcheck.options import Options

Found = list[tuple[str, int, int]]


@pytest.fixture
def found() -> Callable[..., Found]:
    """Code, line and column of everything that all checks find in a text."""

    def check(text: str, *, name: str = ".env", only: str = "", strict: bool = False) -> Found:
        codes = frozenset(only.split()) if only else frozenset(CODES)
        checks = Checks(Options(codes=codes, strict=strict), environ={})
        return [(f.code, f.line, f.column) for f in checks.of(EnvFile(name, text))]

    return check
