"""Whether git tracks a file, asked once for a whole repository."""

from __future__ import annotations

import subprocess

import pytest

from confkit.envcheck import git
from confkit.envcheck.git import Tracked, repository


@pytest.fixture
def work_tree(tmp_path):
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / "apps" / "a b").mkdir(parents=True)
    names = [".env", "apps/.env.prod", "apps/a b/é.env", "plain.txt", "apps/PROD.ENV"]
    for name in names:
        (tmp_path / name).write_text("A=1")
    subprocess.run(["git", "-C", str(tmp_path), "add", "-f", *names], check=True)
    (tmp_path / ".env.local").write_text("A=1")
    return tmp_path


def test_tracked_files_of_every_directory_and_name(work_tree):
    tracked = Tracked()
    for name in (".env", "apps/.env.prod", "apps/a b/é.env", "plain.txt", "apps/PROD.ENV"):
        assert tracked(work_tree / name) is True, name
    assert tracked(work_tree / ".env.local") is False
    assert tracked(work_tree / "apps" / "nowhere.env") is False


def test_git_is_asked_once_a_repository(work_tree, monkeypatch):
    calls = []
    real = subprocess.run

    def counted(command, **options):
        calls.append(command)
        return real(command, **options)

    monkeypatch.setattr(git.subprocess, "run", counted)
    tracked = Tracked()
    for n in range(50):
        tracked(work_tree / "apps" / f"{n}.env")
    assert len(calls) == 1


def test_outside_a_work_tree_there_is_no_answer(tmp_path):
    if repository(tmp_path) is None:
        assert Tracked()(tmp_path / ".env") is None


@pytest.mark.parametrize("fault", [FileNotFoundError(), subprocess.TimeoutExpired("git", 30)])
def test_without_git_and_with_one_that_hangs_there_is_no_answer(work_tree, monkeypatch, fault):
    def fail(*_, **__):
        raise fault

    monkeypatch.setattr(git.subprocess, "run", fail)
    assert Tracked()(work_tree / ".env") is None


def test_the_root_is_that_of_the_work_tree(work_tree):
    assert repository(work_tree / "apps" / "a b") == work_tree
