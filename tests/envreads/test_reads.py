"""One read, and variables that belong to the platform."""

from __future__ import annotations

import pytest

from confkit.envreads.reads import Read, of_the_platform


def test_a_read_for_machines():
    read = Read("PORT", "a.py", 2, 3, "os.environ", "'80'", type="int")
    assert read.place == "a.py:2:3"
    assert read.as_dict() == {
        "name": "PORT", "file": "a.py", "line": 2, "column": 3, "how": "os.environ",
        "default": "'80'", "required": False, "type": "int",
    }  # fmt: skip


@pytest.mark.parametrize(
    "name", ["PATH", "HOME", "Path", "LC_ALL", "XDG_CONFIG_HOME", "http_proxy"]
)
def test_names_of_the_platform(name):
    assert of_the_platform(name)


@pytest.mark.parametrize("name", ["DATABASE_URL", "DEBUG", "PATH_TO_FILES", "SECRET_KEY", "PORT"])
def test_names_of_a_project(name):
    assert not of_the_platform(name)
