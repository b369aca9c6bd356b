"""Whole flags in SQL: run on SQLite, which is always there, and parsed for all the others.

``tests/engines`` runs the same flags on the engines that can be installed.
"""

from __future__ import annotations

import hashlib
import sqlite3
from datetime import UTC, datetime

import pytest

from confkit.errors import FlagError, NoSql
from confkit.flags.rules.dialects import DIALECTS
from confkit.flags.rules.model import Rule
from confkit.flags.rules.rollout import Rollout
from confkit.flags.rules.sql import MOST_LISTED, flag_sql
from confkit.flags.rules.sql_rollout import bucket, predicate, self_check
from tests.engines import corpus

ROWS = list(corpus.rows(3000))


@pytest.fixture(scope="module")
def database():
    found = sqlite3.connect(":memory:")
    found.create_function(
        "md5",
        1,
        lambda text: None if text is None else hashlib.md5(text.encode()).hexdigest(),
        deterministic=True,
    )
    found.execute("CREATE TABLE users (n INT, user_id TEXT, country TEXT, mail TEXT, age INT)")
    found.executemany("INSERT INTO users VALUES (?, ?, ?, ?, ?)", ROWS)
    yield found
    found.close()


def rule(**fields):
    return Rule.from_document("x", {"enabled": True, **fields})


@pytest.mark.parametrize("name", corpus.RULES)
def test_a_whole_flag(database, name):
    found = flag_sql(corpus.RULES[name], "sqlite", rules=corpus.RULES, at=corpus.AT)
    answer = database.execute(
        f"SELECT n, {found.predicate}, {found.variant or 'NULL'} FROM users ORDER BY n"
    ).fetchall()
    assert len(answer) == len(ROWS)
    for row, (_, on, variant) in zip(ROWS, answer, strict=True):
        known = corpus.expected(name, row)
        assert (None if on is None else (bool(on), variant)) == known, row
    assert database.execute(found.selfcheck).fetchall() == []


def test_a_plain_rollout_stays_one_comparison():
    found = flag_sql(rule(percentage=20), "duckdb", "u.id")
    assert found.predicate == predicate(Rollout(20, "x"), dialect="duckdb", column="u.id")
    assert found.bucket == bucket(Rollout(20, "x"), dialect="duckdb", column="u.id")
    assert found.selfcheck == self_check(Rollout(20, "x"), dialect="duckdb")
    assert found.variant is None


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", corpus.RULES)
def test_every_dialect_can_be_parsed(dialect, name):
    sqlglot = pytest.importorskip("sqlglot")
    found = flag_sql(corpus.RULES[name], dialect, rules=corpus.RULES, at=corpus.AT)
    read = {"postgresql": "postgres", "spark": "databricks"}.get(dialect, dialect)
    for text in (
        f"SELECT {found.predicate}, {found.bucket}, {found.variant or 'NULL'} FROM users",
        found.selfcheck,
    ):
        (tree,) = sqlglot.parse(text, read=read)
        assert not list(tree.find_all(sqlglot.exp.Command))
        tables = {table.name for table in tree.find_all(sqlglot.exp.Table)}
        assert tables <= {"users"}
    assert "{" not in found.predicate + found.bucket + found.selfcheck


@pytest.mark.parametrize("dialect", DIALECTS)
def test_quotes_and_backslashes_stay_inside_their_texts(dialect):
    """A dialect's own tokenizer reads each text back as it was."""
    sqlglot = pytest.importorskip("sqlglot")
    texts = ["a'b", "x' OR '1'='1", "é😀", '"', "`", "--", "/*", "%"]
    if DIALECTS[dialect].backslash != "doubtful":
        texts += ["\\", "\\'", "a\\nb"]
    found = flag_sql(rule(conditions=[{"attribute": "c", "in": texts}]), dialect)
    read = {"postgresql": "postgres", "spark": "databricks"}.get(dialect, dialect)
    tree = sqlglot.parse_one(f"SELECT {found.predicate}", read=read)
    end = DIALECTS[dialect].end
    held = {text.this for text in tree.find_all(sqlglot.exp.Literal)}
    assert {text + end for text in texts} <= held


@pytest.mark.parametrize(
    ("fields", "parts"),
    [
        (
            {"conditions": [{"attribute": "v", "semver": ">=2"}]},
            ["conditions: 'semver' has no SQL"],
        ),
        (
            {
                "conditions": [
                    {"attribute": "a b", "in": ["x"]},
                    {"attribute": "a.b", "in": ["x"]},
                ]
            },
            [
                "conditions: 'a b' is no column: name the column of a b",
                "conditions: 'a.b' is no column: name the column of a.b",
            ],
        ),
        ({"prerequisites": ["other"]}, ["prerequisites: other has no rule here: give it"]),
        (
            {"schedule": [{"at": "2026-01-01T00:00:00Z", "percentage": 5}]},
            ["schedule: x changes with time: say at which moment (at)"],
        ),
        (
            {"percentage": 5, "deny": [str(n) for n in range(MOST_LISTED + 1)]},
            ["deny: 10,001 ids are too many: join a table of them"],
        ),
        (
            {"conditions": [{"attribute": "c", "in": [True]}]},
            ["conditions: True has no text that all engines share"],
        ),
        (
            {
                "conditions": [
                    {"attribute": "v", "semver": ">=2"},
                    {"attribute": "c", "in": ["a\nb"]},
                ]
            },
            ["conditions: 'semver' has no SQL", "conditions: 'a\\nb' has control characters"],
        ),
    ],
)
def test_what_does_not_translate_is_named(fields, parts):
    with pytest.raises(NoSql) as caught:
        flag_sql(rule(**fields), "duckdb")
    assert list(caught.value.parts) == parts
    assert isinstance(caught.value, FlagError | ValueError)


def test_other_names_of_columns_and_of_dialects():
    tested = rule(
        percentage=5, unit="account", conditions=[{"attribute": "geo.country", "in": ["DE"]}]
    )
    found = flag_sql(tested, "postgres", "a.id", columns={"geo.country": "g.land"})
    assert "CAST(a.id AS text)" in found.predicate
    assert "CAST(g.land AS text) IN ('DE')" in found.predicate
    by_account = flag_sql(rule(percentage=5, unit="account"), "postgres")
    assert "CAST(account AS text)" in by_account.predicate
    with pytest.raises(NoSql, match="a column is a name"):
        flag_sql(tested, "postgres", "a.id; DROP")
    with pytest.raises(ValueError, match="no dialect"):
        flag_sql(tested, "oracle")


def test_a_cycle_of_prerequisites():
    one = Rule.from_document("one", {"enabled": True, "prerequisites": ["two"]})
    two = Rule.from_document("two", {"enabled": True, "prerequisites": ["one"]})
    with pytest.raises(NoSql, match="is a cycle"):
        flag_sql(one, "duckdb", rules={"one": one, "two": two})


def test_a_schedule_at_a_moment():
    tested = corpus.RULES["scheduled"]
    early = flag_sql(tested, "duckdb", at=datetime(2020, 1, 1, tzinfo=UTC))
    assert early.predicate.endswith("< '00000000'")
    assert flag_sql(tested, "duckdb", at=corpus.AT).predicate.endswith("< '66666667'")
