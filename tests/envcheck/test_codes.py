"""The kinds of finding: every code is documented, sorted into a group, and of a known level."""

from __future__ import annotations

import re

from confkit.envcheck.codes import CODES, GROUPS


def test_a_code_is_a_word_and_its_summary_a_phrase():
    for code, known in CODES.items():
        assert re.fullmatch(r"([A-Z][a-z]+)+", code)
        assert known.summary
        assert not known.summary.endswith(".")
        assert known.level in ("error", "warning")


def test_groups_name_codes_and_meet_none_of_them():
    assert set(GROUPS["ALL"]) == set(CODES)
    for name, codes in GROUPS.items():
        assert set(codes) <= set(CODES)
        assert name not in CODES
