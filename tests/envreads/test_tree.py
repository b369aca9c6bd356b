"""The reads of a directory: which files are read, and wrappers that modules share."""

from __future__ import annotations

import pytest

from confkit.envreads.tree import scan, sources


@pytest.fixture
def project(tmp_path):
    def write(name: str, text: str) -> None:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    return write


def test_wrappers_are_followed_into_other_modules(project, tmp_path):
    project(
        "shop/environment.py", "import os\ndef env(n, default=None): return os.environ.get(n)\n"
    )
    project("shop/__init__.py", "from shop.environment import env\n")
    project("shop/a.py", "from .environment import env as e\nA = e('A', '1')\n")
    project("shop/b.py", "from shop import env\nB = env('B')\n")
    project("shop/c.py", "def env(n): return n\nC = env('C')\n")
    found = scan([tmp_path], tmp_path)
    assert list(found.names) == ["A", "B"]
    (read,) = found.names["A"]
    assert (read.place, read.how, read.default) == ("shop/a.py:2:5", "env", "'1'")


@pytest.mark.parametrize(
    ("imported", "name"),
    [
        ("from shop.names import NAME", "NAME"),
        ("from .names import NAME as N", "N"),
        ("from . import names", "names.NAME"),
        ("from shop import names as n", "n.NAME"),
        ("import shop.names as n", "n.NAME"),
        ("from .names import *", "NAME"),
        ("from shop import NAME", "NAME"),
        ("from .names import Names", "Names.NAME"),
    ],
)
def test_names_are_followed_into_other_modules(project, tmp_path, imported, name):
    project("shop/names.py", "NAME = 'A'\nclass Names:\n    NAME = 'A'\n")
    project("shop/__init__.py", "from .names import NAME\n")
    project("other/names.py", "NAME = 'B'\n")
    project("shop/a.py", f"import os\n{imported}\nos.environ[{name}]\n")
    found = scan([tmp_path], tmp_path)
    assert [(read.name, read.place) for read in found.reads] == [("A", "shop/a.py:3:1")]


def test_classes_are_followed_into_other_modules(project, tmp_path):
    project(
        "shop/variables.py",
        "import os\nclass Variable:\n    def __init__(self, name): self.name = name\n"
        "    def get(self): return os.environ.get(self.name)\n",
    )
    project("shop/a.py", "from shop.variables import Variable\nPORT = Variable('PORT')\n")
    assert list(scan([tmp_path]).names) == ["PORT"]


def test_packages_are_source_whatever_they_are_called(project, tmp_path):
    for name in ("build", "dist", "env", "migrations"):
        project(f"shop/{name}/__init__.py", f"import os\nos.environ['{name.upper()}']\n")
        project(f"{name}/a.py", "")
    assert list(scan([tmp_path]).names) == ["BUILD", "DIST", "ENV", "MIGRATIONS"]


def test_what_cannot_be_read_is_named(project, tmp_path):
    project("a.py", "import os\nos.environ['A']\n")
    project("b.py", "import os; os.environ[\n")
    (tmp_path / "c.py").write_bytes(b"import os\n# \xff\n")
    found = scan([tmp_path], tmp_path)
    assert list(found.names) == ["A"]
    assert found.unreadable == ["c.py", "b.py"]


def test_names_that_the_source_does_not_tell_are_counted(project, tmp_path):
    project("a.py", "import os, sys\nos.environ[sys.argv[1]]\n")
    found = scan([tmp_path], tmp_path)
    assert found.unnamed == ["a.py:2:1"]
    assert found.reads == []


def test_environments_and_caches_are_no_source(project, tmp_path):
    for name in (".venv/a.py", "lib/b.py", "node_modules/c.py", "__pycache__/d.py", "e.txt"):
        project(name, "")
    project("mine/pyvenv.cfg", "")
    project("mine/f.py", "")
    assert [p.relative_to(tmp_path).as_posix() for p in sources([tmp_path])] == ["lib/b.py"]
    assert list(sources([tmp_path / "e.txt"])) == [tmp_path / "e.txt"]


def test_nothing_is_run(project, tmp_path):
    project("a.py", "import os\nopen('ran', 'w')\nos.environ['A']\nraise SystemExit\n")
    assert list(scan([tmp_path]).names) == ["A"]
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("depth", [100, 5_000])
def test_deep_source_is_no_traceback(project, tmp_path, depth):
    project("a.py", f"import os\nos.environ['A']\nx = {'(' * depth}{')' * depth}\n")
    project("b.py", "import os\nx = " + "+".join(["'a'"] * depth) + "\nos.environ[x]\n")
    found = scan([tmp_path], tmp_path)
    assert set(found.names) <= {"A", "a" * depth}
    if not found.names:
        assert found.unreadable == ["a.py", "b.py"]
