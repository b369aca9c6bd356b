"""Values as YAML text, for readers of YAML 1.1 and 1.2."""

from __future__ import annotations

import math

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from confkit.errors import SaveError
from confkit.writeback.yaml_values import ambiguous, dumped, needs_quotes, number, scalar


@pytest.mark.parametrize(
    "text",
    [
        *("", "~", "null", "yes", "No", "on", "true", "TRUE", "12", "-3", "0x1f", "010", "0o17"),
        *("1.5", ".5", "1e3", "1_000", "12:30", ".inf", ".NaN", "2001-01-01", "=", "<<"),
    ],
)
def test_text_that_some_version_of_yaml_reads_as_something_else(text):
    assert ambiguous(text)
    assert needs_quotes(text)
    assert scalar(text, "") == f'"{text}"'


@pytest.mark.parametrize("text", ["a", "yess", "1.2.3", "a.b", "/var/log", "12 apples"])
def test_text_that_is_text_everywhere(text):
    assert not ambiguous(text)
    assert scalar(text, "") == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (-1.5, "-1.5"),
        (1e-05, "1.0e-05"),
        (1.5e300, "1.5e+300"),
        (math.inf, ".inf"),
        (-math.inf, "-.inf"),
        (math.nan, ".nan"),
    ],
)
def test_numbers(value, text):
    assert number(value) == text


@pytest.mark.parametrize("value", [b"x", object(), {1}, 1j])
def test_what_has_no_form_is_refused(value):
    with pytest.raises(SaveError):
        number(value)
    with pytest.raises(SaveError):
        dumped({"a": [value]})


@given(st.text(st.characters(exclude_categories=("Cs",))), st.sampled_from(["", "'", '"']))
def test_any_text_reads_back_from_one_line(text, quote):
    written = scalar(text, quote)
    assert "\n" not in written
    assert yaml.safe_load(f"a: {written}\n") == {"a": text}
    assert yaml.safe_load(f"[x, {written}]\n") == ["x", text]
