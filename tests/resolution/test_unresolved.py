"""What cannot be expanded is told without a secret that looks like a variable."""

from __future__ import annotations

import pytest

from confkit.resolution.unresolved import Unresolved, telling

NAMES = ["DB_PASSWORD", "TOKEN", "A", "DB2_URL", "X_1", "AWS_SECRET_ACCESS_KEY"]
SECRETS = ["Kanarie99", "hunter2", "db_password", "JBSWY3DPEHPK3PXP", "AKIA99XY", "x" * 50, "é"]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_by_convention_is_told(name):
    assert telling(name)
    error = Unresolved(f"{name} is not set", f"set {name}", quoted=name)
    assert error.shown(secret=True) == error.shown(secret=False) == (error.message, error.hint)


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("code", ["unset-variable", "unknown-scheme", "interpolation"])
def test_any_other_text_is_not_told_of_a_secret(name, code):
    hint = "known are" if code == "unknown-scheme" else f"set <{name}>"
    error = Unresolved(f"<{name}>", hint, code, quoted=name)
    assert error.shown(secret=False) == (f"<{name}>", hint)
    shown = error.shown(secret=True)
    assert all(shown)
    assert name not in "".join(shown)


def test_a_scheme_is_told_and_a_text_that_is_quoted_nowhere():
    error = Unresolved("nothing answers ${valt:...}", "known are", "unknown-scheme", quoted="valt")
    assert error.shown(secret=True) == (error.message, error.hint)
    error = Unresolved("is too long", "h", "too-large")
    assert error.shown(secret=True) == ("is too long", "h")
