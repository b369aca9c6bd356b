"""Values that a share of instances takes."""

from __future__ import annotations

import platform
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confkit import Environ, File, InvalidConfig, Values, load
from confkit.bucket import bucket
from confkit.errors import SecretError
from confkit.resolution.gradual import RolloutResolver, share

REFERENCE = "${rollout:50%:new|old}"


@dataclass(frozen=True)
class Settings:
    name: str = "x"


INSTANCES = [f"web-{n}" for n in range(4000)]


@pytest.mark.parametrize(("reference", "expected"), [("0%:a|b", 0), ("25%:a|b", 1000)])
def test_a_share_of_instances_takes_the_new_value(reference, expected):
    new = sum(share(reference, instance).new for instance in INSTANCES)
    assert abs(new - expected) <= 0.1 * expected
    assert all(share("100%:a|b", instance).value == "a" for instance in INSTANCES)


@given(st.integers(0, 100_000), st.integers(0, 100_000), st.sampled_from(INSTANCES))
def test_a_raised_share_takes_no_instance_back(one, other, instance):
    low, high = (f"{step / 1000:.3f}%:new|old" for step in sorted((one, other)))
    assert share(high, instance).new >= share(low, instance).new


def test_the_bucket_is_that_of_flags_and_a_name_is_the_salt():
    found = share("pool@12.5%:20|5", "web-7")
    assert found.bucket == bucket("pool", "web-7")
    assert found.new is (found.bucket < 12_500)
    assert found.value == ("20" if found.new else "5")
    assert share("pool@12.5%:x|y", "web-7").bucket == found.bucket
    assert share("12.5%:x|y", "web-7").bucket == bucket("x|y", "web-7")
    assert "instance web-7" in str(found)


@pytest.mark.parametrize(
    ("reference", "value"),
    [
        ("100%:a|b|c", "a"),
        ("0%:a|b|c", "b|c"),
        ("0%:a|", ""),
        ("100%:|x", ""),
        ("0%:a|b\nc", "b\nc"),
    ],
)
def test_values_may_be_empty_and_the_first_bar_parts_them(reference, value):
    assert RolloutResolver("web-1").resolve(reference) == value


@pytest.mark.parametrize(
    "reference",
    [
        "",
        "25",
        "25%",
        "25%:a",
        "101%:a|b",
        "-1%:a|b",
        "1.2345%:a|b",
        "x y@5%:a|b",
        "nan%:a|b",
        "1e1%:a|b",
    ],
)
def test_another_form_is_refused_without_its_text(reference):
    with pytest.raises(SecretError, match="25%:new"):
        share(reference, "web-1")


def test_the_instance_is_named_by_a_variable_of_the_load_else_by_the_machine():
    def decided(**environ: str) -> str:
        config = load(Settings, Values({}), Environ(environ={"NAME": REFERENCE, **environ}))
        assert config.status.gradual["name"].value == config.current.name
        return config.status.gradual["name"].instance

    assert decided(CONFKIT_INSTANCE="web-1") == "web-1"
    assert decided(CONFKIT_INSTANCE="web-2") == "web-2"
    assert decided() == (platform.node() or "unnamed")


@pytest.mark.parametrize(
    ("reference", "value"), [("100%:$$5|x", "$5"), ("0%:x|a$$${b}", None), ("100%:$5|x", "$5")]
)
def test_dollar_signs_are_as_in_other_values(reference, value):
    if value is None:
        with pytest.raises(SecretError, match="plain text"):
            share(reference, "web-1")
    else:
        assert share(reference, "web-1").value == value


@pytest.mark.parametrize("inner", ["${NEW}", "${env:NEW}", "${vault:x}"])
def test_nothing_is_looked_for_in_the_values(tmp_path, inner):
    (tmp_path / "a.yaml").write_text(f"name: ${{rollout:100%:{inner}|old}}\n")
    with pytest.raises(InvalidConfig) as caught:
        load(Settings, File(tmp_path / "a.yaml"), Environ(environ={"NEW": "x"}))
    assert [problem.key for problem in caught.value.problems] == ["name"]
