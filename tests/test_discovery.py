"""Which files are the conventional layers, and which environment is meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from confkit import InvalidConfig, InvalidSource
from confkit.discovery import conventional, environments


@pytest.fixture
def root(tmp_path):
    (tmp_path / "config").mkdir()
    for name in (
        *("config.json", "config.toml", "config.yml", "config.yaml", ".env", ".env.production"),
        *("config/production.yaml", "config/staging.toml", "config/production.json"),
        *(".env.example", "config/readme.md", "other.yaml"),
    ):
        (tmp_path / name).write_text("")
    return tmp_path


def names(root: Path | None, environment: str | None = None, **environ: str) -> list[str]:
    sources = conventional(environment=environment, root=root, environ=environ, settings="Settings")
    return [source.read().name for source in sources]


def refused(root: Path, environment: str | None = None, **environ: str) -> str:
    with pytest.raises(InvalidConfig) as caught:
        names(root, environment, **environ)
    return str(caught.value).splitlines()[1].strip()


def test_the_layers_in_order(root):
    assert names(root, "production") == [
        "config.yaml",
        "config.yml",
        "config.json",
        "config.toml",
        "config/production.yaml",
        "config/production.json",
        ".env",
        ".env.production",
        "environment",
    ]


def test_the_environment_is_the_argument_else_the_variable_else_development(root):
    (root / ".env.development").write_text("")
    assert ".env.production" in names(root, "production", ENVIRONMENT="staging")
    assert "config/staging.toml" in names(root, ENVIRONMENT="staging")
    assert ".env.development" in names(root)
    assert ".env.development" in names(root, ENVIRONMENT="")


def test_a_directory_without_files_has_the_environment_only(tmp_path):
    assert names(tmp_path) == ["environment"]
    assert names(tmp_path, "anything") == ["environment"]


@pytest.mark.parametrize(
    "name",
    ["../../etc", "/etc/passwd", "a/b", "a\0b", "%2e%2e", "prod\n", "a b", "..", "", "a.b", "ü"],
)
def test_a_name_that_could_walk_the_file_system_is_refused(root, name):
    assert "letters, digits, - and _ only (environment argument)" in refused(root, name)
    if name:
        assert "(env ENVIRONMENT)" in refused(root, ENVIRONMENT=name)


def test_an_unknown_environment_is_refused_with_a_near_miss(root):
    assert refused(root, "prodution") == (
        "environment: no file is named after the environment prodution "
        "(environment argument) did you mean production?"
    )
    assert "(env ENVIRONMENT) there are production, staging" in refused(root, ENVIRONMENT="qq")


def test_development_needs_no_file(root):
    assert names(root, "development")[-1] == "environment"


def test_a_root_that_is_no_directory_is_refused(tmp_path):
    assert "is no directory" in refused(tmp_path / "nowhere")


def test_environments_are_those_that_files_are_named_after(root):
    assert environments(root) == ["production", "staging"]


def test_a_directory_in_place_of_a_file_is_no_missing_file(tmp_path):
    (tmp_path / "config.yaml").mkdir()
    (source, _) = conventional(environment=None, root=tmp_path, environ={}, settings="S")
    with pytest.raises(ValueError, match="is a directory"):
        source.read()


def test_no_file_above_the_root_is_read(tmp_path, monkeypatch):
    (tmp_path / ".env").write_text("A=1")
    (tmp_path / "config.yaml").write_text("a: 1")
    (tmp_path / "app").mkdir()
    monkeypatch.chdir(tmp_path / "app")
    assert names(None) == ["environment"]


def test_secret_files_are_below_the_env_files(root, tmp_path_factory, monkeypatch):
    secrets = tmp_path_factory.mktemp("secrets")
    found = conventional(
        environment="production", root=root, environ={}, settings="S", secrets_dir=secrets
    )
    stems = [source.read().name for source in found]
    assert stems.index("config/production.json") < stems.index(str(secrets)) < stems.index(".env")
    with pytest.raises(InvalidSource, match="no such directory"):
        conventional(
            environment=None, root=root, environ={}, settings="S", secrets_dir=secrets / "x"
        )[-3].read()
    # The project names it for every machine, those without it too.
    monkeypatch.chdir(root)
    (root / "pyproject.toml").write_text('[tool.confkit]\nsecrets_dir = "secrets"\n')
    assert names(root)[-3:] == ["secrets", ".env", "environment"]
