"""The units that all engines are asked about."""

from __future__ import annotations

import os

import pytest

if os.environ.get("CONFKIT_ENGINES"):
    # In the session for engines none may be left out.
    import chdb  # noqa: F401
    import duckdb  # noqa: F401
    import pyspark  # noqa: F401


@pytest.fixture(scope="session")
def units():
    from tests.engines.comparing import table

    return table()


@pytest.fixture(scope="session")
def file(units, tmp_path_factory):
    from tests.engines.comparing import written

    return written(units, tmp_path_factory.mktemp("units") / "units.parquet")


def sabotages(dialect: str):
    """The dialect with one mistake each, of the kinds that happen."""
    from dataclasses import replace

    from confkit.flags.rules.dialects import DIALECTS

    whole = DIALECTS[dialect]
    return {
        "trimmed": replace(whole, text=f"trim({whole.text})"),
        "folded": replace(whole, text=f"lower({whole.text})"),
        "separator": replace(whole, payload=whole.payload.replace("{salt}:", "{salt}|")),
        "word": replace(whole, word=whole.word.replace("{at}", "{at} + 1")),
        "order": replace(whole, compare="reverse({hex})"),
    }


@pytest.fixture
def check(units, monkeypatch):
    """An engine agrees on every row, and each sabotage is caught by the rows or the self-check."""

    def run(ask, dialect):
        from confkit.flags.rules import dialects
        from confkit.flags.rules.sql_rollout import self_check
        from tests.engines import corpus
        from tests.engines.comparing import differences

        rollout = corpus.TABLE["plain"]._rollout(50)
        assert differences(ask, dialect, units) == {}
        assert ask(self_check(rollout, dialect=dialect)).num_rows == 0
        few = {"plain": corpus.RULES["plain"]}
        for name, broken in sabotages(dialect).items():
            with monkeypatch.context() as patch:
                patch.setitem(dialects.DIALECTS, dialect, broken)
                patch.setattr(corpus, "RULES", few)
                assert differences(ask, dialect, units), name
                assert ask(self_check(rollout, dialect=dialect)).num_rows, name

    return run
