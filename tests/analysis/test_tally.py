"""Distributions added up over batches: equal to those counted one unit at a time."""

from __future__ import annotations

import pytest

pytest.importorskip("pyarrow")

from confkit.analysis.columnwise import Batch, answers
from confkit.analysis.distribution import distribution_of
from confkit.analysis.tally import Tally
from confkit.flags.rules.evaluation import Compiled
from confkit.flags.rules.model import Rule

IDS = [*(f"user-{n}" for n in range(3000)), None]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"enabled": False},
        {"percentage": 33.3},
        {"percentage": 20, "allow": ["user-1"], "deny": ["user-2"], "variants": {"a": 5, "b": 95}},
        {"percentage": 20, "scheme": "legacy-md5-100"},
    ],
)
def test_batches_add_up(fields):
    flag = Compiled(Rule.from_document("checkout", {"enabled": True, **fields}))
    tally = Tally(flag)
    for ids in (IDS[:1], IDS[1:2000], IDS[2000:], []):
        batch = Batch({"user_id": ids})
        tally.add(answers(flag, batch, {}), batch)
    assert tally.distribution().to_dict() == distribution_of(flag, IDS).to_dict()
