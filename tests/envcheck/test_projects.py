"""Which files a run checks, by which options and settings."""

from __future__ import annotations

import pytest

from confkit.envcheck.options import InvalidOptions
from confkit.envcheck.projects import packages, project


def write(directory, text):
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "pyproject.toml").write_text(text)


def test_a_directory_without_a_table_is_a_project_too(tmp_path):
    (tmp_path / ".env").write_text("")
    (tmp_path / "prod.env").write_text("")
    (tmp_path / "redis.env").write_text("")
    (tmp_path / ".env.local").mkdir()
    found = project(tmp_path)
    assert [path.name for path in found.files()] == [".env", "prod.env"]
    assert (found.root, found.settings) == (tmp_path, ())


def test_files_are_those_of_the_root_that_match(tmp_path):
    write(tmp_path, '[tool.confkit]\nroot = "app"\n[tool.confkit.env]\nfiles = ["*.x", "a.*"]\n')
    (tmp_path / "app").mkdir()
    for name in ("a.x", "b.x", "a.y", "c.z"):
        (tmp_path / "app" / name).write_text("")
    assert [path.name for path in project(tmp_path).files()] == ["a.x", "b.x", "a.y"]


@pytest.mark.parametrize("pattern", ["nothing.*", "app/.env"])
def test_a_pattern_that_matches_nothing_is_named(tmp_path, pattern):
    (tmp_path / ".env").write_text("")
    write(tmp_path, f'[tool.confkit.env]\nfiles = [".env", "{pattern}"]\n')
    with pytest.raises(InvalidOptions) as caught:
        project(tmp_path).files()
    assert repr(pattern) in str(caught.value)


@pytest.mark.parametrize(
    ("text", "settings"), [('"a:B"', ("a:B",)), ('["a:B", "c:D"]', ("a:B", "c:D")), ("[]", ())]
)
def test_settings_are_one_or_several(tmp_path, text, settings):
    write(tmp_path, f"[tool.confkit]\nsettings = {text}\n")
    assert project(tmp_path).settings == settings


@pytest.mark.parametrize("text", ["5", "[5]", "{}"])
def test_settings_of_another_kind_are_refused(tmp_path, text):
    write(tmp_path, f"[tool.confkit]\nsettings = {text}\n")
    with pytest.raises(InvalidOptions, match="settings"):
        project(tmp_path)


def test_packages_are_directories_with_a_table_of_confkit(tmp_path):
    write(tmp_path, '[tool.confkit.env]\npackages = ["apps/*", "apps/web", "libs/*"]\n')
    write(tmp_path / "apps" / "web", '[tool.confkit]\nsettings = "a:B"\n')
    write(tmp_path / "apps" / "docs", "[project]\nname = 'docs'\n")
    write(tmp_path / "libs" / "one", "[tool.confkit]\nsettings = 'c:D'\n")
    assert [p.directory.name for p in packages(tmp_path)] == ["web", "one"]
    assert list(packages(tmp_path / "apps" / "web")) == []
