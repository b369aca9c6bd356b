"""Masking by what a text holds."""

from __future__ import annotations

from confkit.admin.masking import masked
from confkit.redaction import remember


def test_every_text_is_masked_wherever_it_is():
    remember("canary-of-masking")
    value = {"a": ["x canary-of-masking", {"canary-of-masking": 1}], "password": "shown", "n": None}
    assert masked(value) == {"a": ["x ***", {"***": 1}], "password": "shown", "n": None}
    assert masked("redis://u:pw@h/0") == "redis://u:***@h/0"
