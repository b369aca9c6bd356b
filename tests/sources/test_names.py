"""What sources of variables share."""

from __future__ import annotations

import pytest

from confkit import Directory, DotEnv, Environ
from confkit.sources.names import checked_empty, whole_prefix


@pytest.mark.parametrize("prefix", ["SHOP", "SHOP_A", "_S"])
def test_a_prefix_that_other_names_begin_with_is_refused(prefix):
    for made in (Environ, lambda p: DotEnv(".env", p), lambda p: Directory("x", p)):
        with pytest.raises(ValueError, match=f"write '{prefix}_'"):
            made(prefix)


def test_a_whole_prefix_and_none():
    assert whole_prefix("SHOP_") == "SHOP_"
    assert whole_prefix("") == ""


def test_empty_is_one_of_two_words():
    assert [checked_empty("value"), checked_empty("unset")] == ["value", "unset"]
    with pytest.raises(ValueError, match="unset"):
        Environ(empty="none")  # type: ignore[arg-type]


def test_variables_in_the_place_of_the_prefix():
    with pytest.raises(TypeError, match=r"given as environ="):
        Environ({"A": "1"})  # type: ignore[arg-type]
