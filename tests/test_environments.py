"""The environment that chose the files is the one that the field has, whatever chose it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pytest

from confkit import InvalidConfig, Values, load
from confkit.environments import choose, is_name


@dataclass(frozen=True)
class Settings:
    environment: Literal["development", "staging", "production"] = "development"
    size: int = 0
    user: str = "nobody"


@dataclass(frozen=True)
class Without:
    size: int = 0


@pytest.fixture
def root(tmp_path):
    (tmp_path / "config").mkdir()
    for size, name in enumerate(["development", "staging", "production"], start=1):
        (tmp_path / "config" / f"{name}.yaml").write_text(f"size: {size}\n")
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "origin"),
    [
        ({"environment": "production"}, "environment argument"),
        ({"argv": ["--environment", "production"]}, "--environment (argument 1)"),
        ({"environ": {"ENVIRONMENT": "production"}}, "env ENVIRONMENT"),
    ],
)
def test_the_field_has_the_name_that_chose_the_files(root, arguments, origin):
    config = load(Settings, root=root, **{"environ": {}, **arguments})
    assert (config.current.environment, config.current.size) == ("production", 3)
    assert str(config.explain("environment").origin) == origin


def test_the_argument_counts_more_than_the_others(root):
    (root / ".env").write_text("ENVIRONMENT=development\n")
    environ = {"ENVIRONMENT": "staging"}
    config = load(Settings, root=root, environment="production", environ=environ)
    assert (config.current.environment, config.current.size) == ("production", 3)


def test_an_env_file_for_every_environment_chooses_as_the_variable_does(root):
    (root / ".env").write_text("ENVIRONMENT=production\n")
    config = load(Settings, root=root, environ={})
    assert (config.current.environment, config.current.size) == ("production", 3)
    assert str(config.explain("environment").origin) == ".env:1"


def test_without_any_the_default_of_the_field_chooses(root):
    @dataclass(frozen=True)
    class Own:
        environment: str = "staging"
        size: int = 0

    assert load(Own, root=root, environ={}).current == Own("staging", 2)
    assert load(Settings, root=root, environ={}).current == Settings("development", 1)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("config.yaml", "environment: production\n"),
        ("config/staging.yaml", "environment: production\n"),
        (".env.staging", "ENVIRONMENT=production\n"),
    ],
)
def test_a_file_that_names_another_one_is_a_problem(root, name, text):
    (root / name).write_text(text)
    with pytest.raises(InvalidConfig) as caught:
        load(Settings, root=root, environment="staging", environ={})
    (problem,) = caught.value
    assert problem.code == "other-environment"
    assert "names another environment than staging" in problem.message
    assert str(problem.origin).startswith(name)


def test_a_file_that_names_the_same_one_is_none(root):
    (root / "config.yaml").write_text("environment: staging\n")
    assert load(Settings, root=root, environment="staging", environ={}).current.size == 2


def test_settings_without_the_field_are_chosen_for_all_the_same(root):
    assert load(Without, root=root, environ={"ENVIRONMENT": "staging"}).current.size == 2


def test_a_prefix_goes_before_every_variable(root):
    environ = {"USER": "root", "SHOP_USER": "shop", "SHOP_ENVIRONMENT": "production"}
    (root / ".env").write_text("SIZE=8\nSHOP_SIZE=9\n")
    config = load(Settings, root=root, prefix="SHOP_", environ=environ | {"ENVIRONMENT": "x"})
    assert config.current == Settings("production", 9, "shop")


def test_names_hold_letters_digits_dashes_and_underscores():
    assert is_name("eu-west_1")
    assert not any(map(is_name, ["", "../x", "a b", "a.b", "prod\n"]))
    with pytest.raises(InvalidConfig):
        choose("a/b", {}, "Settings")


def test_the_field_cannot_be_overridden_beside_the_files(root):
    config = load(Settings, root=root, environ={})
    with pytest.raises(InvalidConfig, match="load again with environment="):
        config.set("environment", "production")
    with pytest.raises(InvalidConfig), config.override({"environment": "staging"}):
        pytest.fail("must not be entered")
    assert config.current.environment == "development"
    other = load(Settings, Values({}))
    with other.override({"environment": "staging"}) as inside:
        assert inside.environment == "staging"
