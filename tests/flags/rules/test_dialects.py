"""Names and texts that go into SQL: in the dialect's own quotes, escaped, or refused."""

from __future__ import annotations

import pytest

from confkit.flags.rules.dialects import ALIASES, DIALECTS, dialect_of, identifier, literal


def test_dialects_and_their_other_names():
    assert dialect_of("postgres") is DIALECTS["postgresql"]
    assert set(ALIASES.values()) <= set(DIALECTS)
    with pytest.raises(ValueError, match="no dialect 'oracle'; there are duckdb, postgresql"):
        dialect_of("oracle")


@pytest.mark.parametrize(
    ("dialect", "given", "expected"),
    [
        ("duckdb", "user_id", "user_id"),
        ("duckdb", "u.user_id", "u.user_id"),
        ("duckdb", '"User Id"', '"User Id"'),
        ("duckdb", "`User Id`", '"User Id"'),
        ("mysql", '"user_id"', "`user_id`"),
        ("bigquery", '"user_id"', "`user_id`"),
        ("spark", '"user_id"', "`user_id`"),
        ("sqlite", '"user_id"', "`user_id`"),
        ("clickhouse", "`a.b`.c", '"a.b".c'),
        ("postgresql", 'a."B c".d', 'a."B c".d'),
        ("snowflake", '"é"', '"é"'),
    ],
)
def test_a_column_in_the_quotes_of_its_dialect(dialect, given, expected):
    assert identifier(DIALECTS[dialect], given) == expected


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    "column",
    [
        "user_id; DROP TABLE users", "a b", "", "1", '"a"b"', "a'", "x)--", '"a;b"', "a.", ".a",
        "a..b", '"a', '"a\\"', "`a``b`", '""', "a--b", '"a"."', "a\n", '"a\nb"', "é", "a/*", "'a'",
    ],
)  # fmt: skip
def test_a_column_that_is_more_than_one(dialect, column):
    with pytest.raises(ValueError, match="a column is a name"):
        identifier(DIALECTS[dialect], column)


@pytest.mark.parametrize(
    ("dialect", "text", "expected"),
    [
        ("duckdb", "a'b", "'a''b'"),
        ("duckdb", "a\\b", "'a\\b'"),
        ("postgresql", "\\'", "'\\'''"),
        ("sqlite", "é😀", "'é😀'"),
        ("bigquery", "a'b", "'a\\'b'"),
        ("spark", "\\'", "'\\\\\\''"),
        ("clickhouse", "a'b", "'a\\'b'"),
        ("snowflake", "a\\", "'a\\\\'"),
        ("mysql", "a'b", "'a''b'"),
        ("trino", '%_"`', "'%_\"`'"),
    ],
)
def test_a_text(dialect, text, expected):
    assert literal(DIALECTS[dialect], text) == expected


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("text", ["a\nb", "\0", "\x1b[31m", "\x7f"])
def test_a_text_with_control_characters_is_refused(dialect, text):
    with pytest.raises(ValueError, match="control characters"):
        literal(DIALECTS[dialect], text)


@pytest.mark.parametrize("dialect", ["mysql", "redshift"])
def test_a_backslash_that_may_be_an_escape_is_refused(dialect):
    with pytest.raises(ValueError, match="may be an escape"):
        literal(DIALECTS[dialect], "a\\b")
