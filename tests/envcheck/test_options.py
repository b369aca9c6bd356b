"""Which codes are reported, and where that is said."""

from __future__ import annotations

import pytest

from confkit.envcheck.codes import CODES
from confkit.envcheck.options import DEFAULT_CODES, InvalidOptions, Options, expand, from_table


def test_sorting_is_a_matter_of_taste_and_has_to_be_chosen():
    assert set(CODES) - DEFAULT_CODES == {"UnorderedKey"}


def test_codes_are_chosen():
    options = Options()
    assert options.choose().codes == DEFAULT_CODES
    assert options.choose(["LowercaseKey,WrongType"]).codes == {"LowercaseKey", "WrongType"}
    assert options.choose(["ALL"]).codes == set(CODES)
    assert options.choose(extend_select=["UnorderedKey"]).codes == set(CODES)
    assert options.choose(["LowercaseKey"], ignore=["LowercaseKey"]).codes == set()
    assert "WrongType" not in options.choose(ignore=["SchemaViolation"]).codes


def test_a_code_that_does_not_exist_is_refused_with_a_near_one():
    with pytest.raises(InvalidOptions, match=r"no code LowerCaseKey: did you mean LowercaseKey\?"):
        expand(["LowerCaseKey"])
    with pytest.raises(InvalidOptions, match=r"no code zzz$"):
        expand(["zzz"])


def test_the_table_of_the_project():
    options = from_table(
        {
            "extend-select": ["UnorderedKey"],
            "ignore": ["NotPortable"],
            "known": ["COMPOSE_*"],
            "local": ["Sandbox"],
            "strict": True,
            "files": ["deploy/*.env"],
        }
    )
    assert options.codes == set(CODES) - {"NotPortable"}
    assert options.known == ("COMPOSE_*",)
    assert options.local == {"", "sandbox"}
    assert (options.strict, options.scan) == (True, False)
    assert options.files == ("deploy/*.env",)
    assert from_table({}) == Options()


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({"selct": []}, r"has no selct: did you mean select\?"),
        ({"zzzz": 1}, "has no zzzz$"),
        ({"select": "A"}, "select must be a list of strings"),
        ({"ignore": [1]}, "ignore must be a list of strings"),
        ({"strict": "yes"}, "strict must be true or false"),
        ({"ignore": ["Nope"]}, "no code Nope"),
    ],
)
def test_a_table_that_is_wrong(table, says):
    with pytest.raises(InvalidOptions, match=says):
        from_table(table)
