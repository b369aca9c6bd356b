"""The page about a rollout opens by itself and has every panel."""

from __future__ import annotations

import re

from confkit import Rule
from confkit.analysis.counting import Counting
from confkit.analysis.panels import View
from confkit.analysis.rollout_page import rollout_page
from confkit.flags.rules.evaluation import Compiled


def test_a_page_needs_nothing_and_runs_nothing():
    document = {"enabled": True, "percentage": 10, "variants": {"a": 50, "b": 50}}
    rule = Rule.from_document("beta", document)
    counting = Counting(rule, Compiled(rule))
    counting.add(f"user-{n}" for n in range(500))
    made = rollout_page(View(rule, counting.lookup(), 25, was=10))
    assert re.findall(r'(?:src|href)="([^"]*)"', made) == ["data:,"]
    assert "<script" not in made
    for name in ("Result", "Where the users fall", "On and off", "Variants", "Who changes sides"):
        assert f'aria-label="{name}"' in made
    for pattern in re.findall(r"url\(#([\w-]+)\)", made):
        assert f'id="{pattern}"' in made
