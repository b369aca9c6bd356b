"""``confkit flags sql``."""

from __future__ import annotations

import pytest

from confkit.cli import main


def test_a_rollout(path, run, answer):
    assert run("sql", "new-checkout", "--dialect", "postgresql", "--column", "u.id") == (
        "md5('new-checkout:' || CAST(u.id AS text)) COLLATE \"C\" < '1999999a'\n"
    )
    for part in ("bucket", "selfcheck"):
        assert "md5" in run("sql", "new-checkout", "--part", part)
    assert answer("sql", "new-checkout")["sql"].endswith("< '1999999a'")


def test_the_whole_flag(path, run):
    run("set", "dark_mode", "--deny", "1", "--percentage", "50")
    found = run("sql", "dark_mode")
    assert found.startswith("CASE WHEN user_id IS NULL THEN NULL WHEN md5(")
    assert found.endswith("< '80000000' END\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["dark_mode", "--part", "variant"], "has no variants"),
        (["dark_mode", "--column", "a b"], "a column is a name"),
        (["dark_mode", "--at", "soon"], "is no time: write now"),
        (["dark_mode", "--attribute", "x"], "is not name=value"),
    ],
)
def test_mistakes(path, words, said, capsys):
    assert main(["flags", "sql", *words]) == 2
    assert said in capsys.readouterr().err


def test_with_an_allow_list_alone_only_the_listed_are_on(path, run):
    run("set", "dark_mode", "--allow", "7")
    assert "ELSE FALSE END" in run("sql", "dark_mode")
