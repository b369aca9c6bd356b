"""Connections to Redis, without a server: URLs, places without passwords, typed errors."""

from __future__ import annotations

import pytest
from redis import exceptions as theirs

from confkit import errors
from confkit.flags.redis.connection import classified, from_url, like, place, worth_repeating
from confkit.flags.redis.store import RedisStore


@pytest.mark.parametrize(
    ("url", "shown", "namespace"),
    [
        ("redis://localhost/2", "redis://localhost:6379/2", None),
        ("redis://ann:hunter2@h:1/0?namespace=shop", "redis://ann@h:1/0", "shop"),
        ("rediss://:hunter2@h", "rediss://h:6379/0", None),
        ("unix://ann:hunter2@/tmp/redis.sock", "unix://ann@/tmp/redis.sock", None),
    ],
)
def test_where_a_url_leads_is_shown_without_its_password(url, shown, namespace):
    client, asked = from_url(url)
    assert place(client) == shown
    assert asked.namespace == namespace


@pytest.mark.parametrize(
    "url",
    ["http://hunter2", "redis://:hunter2@h:port", "redis://h/hunter2", "redis://h?nope=hunter2"],
)
def test_what_is_no_url_is_refused_and_not_quoted(url):
    with pytest.raises(errors.StoreError) as caught:
        from_url(url)
    assert "hunter2" not in str(caught.value)


def test_a_client_like_another_leads_to_the_same_place_and_does_not_retry():
    client, _ = from_url("redis://:pw@h:1/3", decode_responses=True)
    other = like(client, 0.5)
    options = other.connection_pool.connection_kwargs
    assert place(other) == place(client)
    assert options["socket_timeout"] == 0.5
    assert options["decode_responses"] is False
    assert options["password"] == "pw"


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (theirs.AuthenticationError("x"), errors.StoreDenied),
        (theirs.NoPermissionError("x"), errors.StoreDenied),
        (theirs.ResponseError("NOPERM x"), errors.StoreDenied),
        (theirs.ReadOnlyError("x"), errors.StoreReadOnly),
        (theirs.OutOfMemoryError("x"), errors.StoreFull),
        (theirs.ResponseError("MISCONF x"), errors.StoreFull),
        (theirs.BusyLoadingError("x"), errors.StoreBusy),
        (theirs.ConnectionError("max number of clients reached"), errors.StoreBusy),
        (theirs.ConnectionError("x"), errors.StoreUnavailable),
        (theirs.TimeoutError("x"), errors.StoreUnavailable),
        (OSError("x"), errors.StoreUnavailable),
        (theirs.ResponseError("x"), errors.StoreError),
    ],
)
def test_every_failure_is_an_error_of_ours_that_names_the_place(failure, kind):
    found = classified(failure, "redis://h:1/0")
    assert type(found) is kind
    assert "redis://h:1/0" in str(found)


def test_a_password_does_not_get_right_by_repetition():
    assert worth_repeating(theirs.ConnectionError("lost"))
    assert not worth_repeating(theirs.AuthenticationError("x"))
    assert not worth_repeating(theirs.BusyLoadingError("x"))


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("", (None, None)),
        ("?socket_timeout=5", (5, 5)),
        ("?read_timeout=2&socket_timeout=5", (2, 5)),
        ("?write_timeout=.5", (None, 0.5)),
    ],
)
def test_time_outs_are_taken_from_the_url(query, wanted):
    _, asked = from_url(f"redis://h{query}")
    assert (asked.read_timeout, asked.write_timeout) == wanted
    store = RedisStore.from_url(f"redis://h{query}", read_timeout=9, write_timeout=9)
    assert (store._read_timeout, store._write_timeout) == tuple(t or 9 for t in wanted)


@pytest.mark.parametrize("wrong", ["x", "0", "-1", "nan", "inf", ""])
def test_a_time_out_that_is_none_is_refused(wrong):
    with pytest.raises(errors.StoreError, match="read_timeout=seconds"):
        from_url(f"redis://h?read_timeout={wrong}")
