"""The bucket in SQL: run on SQLite, which is always there; the texts of the rest are fixed."""

from __future__ import annotations

import hashlib
import sqlite3

import pytest

from confkit.bucket import bucket, digest
from confkit.flags.rules import sql_rollout as sql
from confkit.flags.rules.dialects import DIALECTS
from confkit.flags.rules.rollout import (
    Rollout,
    Variant,
    cuts,
    digest_and_bucket,
    variant_of,
    within,
)

IDS = [*sql.AWKWARD, *(f"user-{n}" for n in range(3000))]
VARIANTS = [Variant("b", 30), Variant("a", 50), Variant("c", 20)]


@pytest.fixture
def database():
    with sqlite3.connect(":memory:") as found:
        found.create_function(
            "md5",
            1,
            lambda text: None if text is None else hashlib.md5(text.encode()).hexdigest(),
            deterministic=True,
        )
        found.execute("CREATE TABLE users (user_id TEXT)")
        found.executemany("INSERT INTO users VALUES (?)", [(i,) for i in IDS])
        found.execute("INSERT INTO users VALUES (NULL)")
        yield found
    found.close()


def answers(database, expression):
    rows = database.execute(f"SELECT user_id, {expression} FROM users").fetchall()
    return dict(rows)


@pytest.mark.parametrize("percentage", [0, 0.001, 20, 33.333, 50, 99.999, 100])
def test_the_predicate_is_the_rollout(database, percentage):
    rollout = Rollout(percentage, "new-checkout")
    found = answers(database, sql.predicate(rollout, dialect="sqlite"))
    assert found.pop(None) is None
    assert {i: bool(v) for i, v in found.items()} == {i: within(rollout, i) for i in IDS}


def test_the_numbers(database):
    rollout = Rollout(25, "s")
    found = answers(database, sql.bucket(rollout, dialect="sqlite"))
    assert found.pop(None) is None
    assert found == {i: bucket("s", i) for i in IDS}
    words = answers(database, sql.h32(rollout, dialect="sqlite", column="users.user_id"))
    assert words["42"] == int(digest("s", "42").hex()[:8], 16)


@pytest.mark.parametrize("percentage", [0, 1, 33, 99, 100])
def test_the_scheme_without_a_salt(database, percentage):
    rollout = Rollout(percentage, "", scheme="legacy-md5-100")
    found = answers(database, sql.predicate(rollout, dialect="sqlite"))
    assert found.pop(None) is None
    assert {i: bool(v) for i, v in found.items()} == {i: within(rollout, i) for i in IDS}
    found = answers(database, sql.bucket(rollout, dialect="sqlite"))
    assert found.pop(None) is None
    assert found == {i: digest_and_bucket(rollout, i)[1] for i in IDS}
    assert database.execute(sql.self_check(rollout, dialect="sqlite")).fetchall() == []


def test_the_variants(database):
    found = answers(database, sql.variant(Rollout(25, "s"), VARIANTS, dialect="sqlite"))
    assert found.pop(None) is None
    assert found == {i: variant_of(digest("s", i), cuts(VARIANTS)) for i in IDS}


def test_the_self_check_finds_nothing_where_all_is_well_and_much_where_not(database):
    query = sql.self_check(Rollout(25, "s"), dialect="sqlite")
    assert database.execute(query).fetchall() == []
    for broken in (
        lambda text: hashlib.md5(text.encode()).hexdigest()[:8] + "0" * 24,
        lambda text: hashlib.md5(text.strip().encode()).hexdigest(),
        lambda text: None,
    ):
        database.create_function("md5", 1, broken, deterministic=True)
        assert database.execute(query).fetchall()


@pytest.mark.parametrize(
    ("dialect", "predicate"),
    [
        ("duckdb", "md5('S:' || CAST(user_id AS VARCHAR)) < '33333334'"),
        ("postgresql", "md5('S:' || CAST(user_id AS text)) COLLATE \"C\" < '33333334'"),
        ("spark", "md5(concat('S:', CAST(user_id AS STRING))) < '33333334'"),
        ("clickhouse", "lower(hex(MD5(concat('S:', toString(user_id))))) < '33333334'"),
        ("bigquery", "TO_HEX(MD5(CONCAT('S:', CAST(user_id AS STRING)))) < '33333334'"),
        ("snowflake", "MD5('S:' || TO_VARCHAR(user_id)) < '33333334'"),
        ("trino", "lower(to_hex(md5(to_utf8('S:' || CAST(user_id AS VARCHAR))))) < '33333334'"),
        ("redshift", "MD5('S:' || CAST(user_id AS VARCHAR(65535))) < '33333334'"),
        ("mysql", "MD5(CONCAT('S:', CONVERT(user_id USING utf8mb4))) < '33333334'"),
    ],
)
def test_the_predicates(dialect, predicate):
    assert sql.predicate(Rollout(20, "S"), dialect=dialect) == predicate


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_has_every_part(dialect):
    rollout = Rollout(20, "S")
    parts = [
        sql.h32(rollout, dialect=dialect),
        sql.bucket(rollout, dialect=dialect),
        sql.variant(rollout, VARIANTS, dialect=dialect),
        sql.self_check(rollout, dialect=dialect),
    ]
    assert all("{" not in part and "S:" in part for part in parts)


def test_what_has_no_sql():
    with pytest.raises(ValueError, match="no dialect 'oracle'; there are duckdb"):
        sql.predicate(Rollout(20, "S"), dialect="oracle")
    with pytest.raises(ValueError, match="no dialect"):
        sql.self_check(Rollout(20, "S"), dialect="oracle")
    with pytest.raises(ValueError, match="a salt is"):
        sql.predicate(Rollout(20, "a'b"), dialect="duckdb")
    with pytest.raises(ValueError, match="no variants"):
        sql.variant(Rollout(20, "S"), [], dialect="duckdb")


def test_a_name_of_full_length_is_a_salt():
    assert "x" * 128 in sql.predicate(Rollout(20, "x" * 128), dialect="duckdb")
