"""The secret parts of URLs, which urllib would split wrongly or quote."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confkit.redaction.urls import mask_urls

SCHEMES = ["postgresql", "redis", "https", "amqp", "mysql+pymysql", "mongodb+srv"]
passwords = st.text(
    st.sampled_from("abcXYZ019/?#@:%&=+;,!$^*(){}[]|~.-_é"), min_size=8, max_size=20
).map(lambda s: f"Qx{s}7Zq")


@given(st.sampled_from(SCHEMES), passwords)
def test_no_password_of_any_characters_is_shown(scheme, password):
    shown = mask_urls(f"connect to {scheme}://ann:{password}@db.example.com:5432/shop now")
    assert password not in shown
    assert shown.startswith("connect to ")
    assert shown.endswith(" now")


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("postgresql://ann:pw@h/d", "postgresql://ann:***@h/d"),
        ("redis://:pw@h", "redis://:***@h"),
        ("https://TOKEN@github.com/a", "https://***@github.com/a"),
        ("https://u:pw@h,postgres://a:pw@i", "https://***:***@h,postgres://a:***@i"),
        ("https://hooks.slack.com/services/T0/B0/x", "https://hooks.slack.com/***"),
    ],
)
def test_what_is_left_is_what_a_reader_needs(text, masked):
    assert mask_urls(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no address",
        "http://h:80/a?b=c",
        "postgresql://ann@h/d",
        "http://[::1]:80/",
        "://",
        "a://",
    ],
)
def test_what_holds_no_secret_stays(text):
    assert mask_urls(text) == text
