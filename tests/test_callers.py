"""The line of the caller outside confkit."""

from __future__ import annotations

import inspect
from functools import partial

from confkit.callers import call_site


def test_the_line_is_the_callers_also_through_functools():
    line = inspect.currentframe().f_lineno + 1
    origin = partial(call_site, "override")()
    assert str(origin).endswith(f"test_callers.py:{line}")
    assert str(origin).startswith("override at ")


def test_a_package_whose_name_only_starts_alike_is_the_callers():
    """``confkit_shop/app.py`` beside ``confkit/`` is no part of confkit."""
    from confkit import callers

    assert callers._inside(callers.__file__)
    assert not callers._inside(callers.__file__.replace("/confkit/", "/confkit_shop/"))


def test_code_without_a_file_keeps_its_name():
    found: dict[str, object] = {}
    exec(
        compile("origin = call_site('code')", "<console>", "exec"), {"call_site": call_site}, found
    )
    assert str(found["origin"]) == "<console>:1"
