"""Stores by URL, and that importing confkit stays light."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import confkit.flags
from confkit.errors import StoreError
from confkit.flags.stores.file import FileStore
from confkit.flags.stores.memory import MemoryStore
from confkit.flags.urls import open_store


def test_stores_by_url(tmp_path):
    assert isinstance(open_store("memory:"), MemoryStore)
    assert open_store("file:flags.yaml").path == Path.cwd() / "flags.yaml"
    assert open_store(f"file://{tmp_path}/f.json").path == tmp_path / "f.json"
    assert open_store(f"FILE:{tmp_path}/f.json").path == tmp_path / "f.json"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "flags.yaml",
        "file:",
        "file://host/x",
        "memory:x",
        "http://user:secret@x",
    ],
)
def test_what_names_no_store(url):
    with pytest.raises(StoreError) as caught:
        open_store(url)
    assert "secret" not in str(caught.value)


def test_every_public_name_is_there_and_sorted():
    assert confkit.flags.__all__ == sorted(confkit.flags.__all__)
    for name in confkit.flags.__all__:
        assert getattr(confkit.flags, name).__name__ == name
    assert confkit.flags.FileStore is FileStore
    assert set(confkit.flags.__all__) <= set(dir(confkit.flags))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        confkit.flags.nothing  # noqa: B018


def test_asking_flags_imports_no_optional_library():
    code = (
        "import sys; from confkit.flags import Flags, MemoryStore; f = Flags(MemoryStore());"
        "f.enabled('x', 'y'); print(sorted({'redis', 'cerberus', 'click', 'rich', 'dotenv'}"
        " & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
