"""Names imported when they are used, and what happens without the library that one needs."""

from __future__ import annotations

import inspect
import pkgutil
import pydoc
import subprocess
import sys

import pytest

import confkit.analysis
import confkit.flags

PACKAGES = [confkit, confkit.flags, confkit.analysis]


@pytest.mark.parametrize("package", PACKAGES, ids=lambda p: p.__name__)
def test_every_public_name_is_listed_and_other_names_are_refused(package):
    assert package.__all__ == sorted(package.__all__)
    assert set(package.__all__) <= set(dir(package))
    with pytest.raises(AttributeError, match="has no attribute 'Nothing'"):
        _ = package.Nothing
    assert not hasattr(package, "Nothing")


@pytest.mark.parametrize("package", PACKAGES, ids=lambda p: p.__name__)
def test_no_public_name_is_that_of_a_module_inside(package):
    """Importing the module would put it in the place of the name."""
    modules = {module.name for module in pkgutil.iter_modules(package.__path__)}
    assert not modules & set(package.__all__)


@pytest.mark.parametrize("package", PACKAGES, ids=lambda p: p.__name__)
def test_a_name_is_imported_once(package):
    name = package.__all__[1]  # needs no extra
    vars(package).pop(name, None)
    first = getattr(package, name)
    assert vars(package)[name] is first


def without_redis(code: str) -> str:
    """What a program prints where redis is not installed."""
    code = f"import sys; sys.modules['redis'] = None\n{code}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert not done.stderr, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(
    "code",
    [
        "from confkit import *; print(RedisStore.__name__)",
        "import confkit; print('RedisStore' * hasattr(confkit, 'RedisStore'))",
        "import confkit, inspect; print(dict(inspect.getmembers(confkit))['RedisStore'].__name__)",
        "import confkit; print(*(n for n in dir(confkit) if n == 'RedisStore'))",
        "import confkit; print('RedisStore' * (not isinstance(5, confkit.RedisStore)))",
        "import confkit, typing; print(typing.Optional[confkit.RedisStore].__args__[0].__name__)",
    ],
)
def test_looking_at_a_name_needs_no_extra(code):
    assert without_redis(code) == "RedisStore"


def test_pydoc_says_what_to_install():
    text = without_redis("import confkit, pydoc; print(pydoc.plain(pydoc.render_doc(confkit)))")
    assert "pip install 'confkit-toolkit[redis]'" in text


@pytest.mark.parametrize(
    "use",
    [
        "RedisStore()",
        "RedisStore.from_url('redis://h')",
        "RedisStore.from_url",
        "RedisStore(1, a=2)",
    ],
)
def test_using_a_name_says_what_to_install(use):
    code = f"""
from confkit import MissingExtra, RedisStore
try:
    {use}
except MissingExtra as error:
    print(error)
"""
    assert without_redis(code) == "redis is not installed: pip install 'confkit-toolkit[redis]'"


def test_a_fault_of_our_own_is_not_taken_for_a_missing_library():
    get, _ = confkit.lazy.names("confkit", {"x": "confkit.no_such_module"})
    with pytest.raises(ModuleNotFoundError):
        get("x")


def test_documentation_of_everything_can_be_rendered():
    for package in PACKAGES:
        assert pydoc.render_doc(package)
        assert inspect.getmembers(package)
