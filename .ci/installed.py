"""What has to hold where confkit is installed: `python -P installed.py EXTRA...`.

The arguments are the extras that are installed. Every public name is used; one may be missing only
for an extra that is not there. The command shows its help, or what to install.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import subprocess
import sys
from pathlib import Path

import confkit

PACKAGES = (
    "confkit",
    "confkit.admin",
    "confkit.analysis",
    "confkit.flags",
    "confkit.testing",
    "confkit.widgets",
)
#: What is no module, and has to be there.
FILES = ("admin/page.css", "admin/page.js")


def wanted(package: str) -> set[str]:
    """The extras that public names of a package lack here."""
    module = importlib.import_module(package)
    values = [getattr(module, name) for name in module.__all__]
    errors = [vars(value).get("_error") for value in values if isinstance(value, type)]
    return {error.extra for error in errors if error is not None}


def main(installed: set[str]) -> None:
    assert Path(confkit.__file__).is_relative_to(sys.prefix), confkit.__file__
    assert importlib.metadata.version("confkit-toolkit") == confkit.__version__
    missing = [name for name in FILES if not (Path(confkit.__file__).parent / name).is_file()]
    assert not missing, f"not in the package: {missing}"
    lacking = set().union(*map(wanted, PACKAGES))
    assert not lacking & installed, f"names that lack what is installed: {lacking & installed}"
    if "test" in installed:
        assert wanted("pytest_confkit") <= lacking
    command = [str(Path(sys.executable).with_name("confkit")), "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if "cli" in installed:
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        assert "Usage: confkit" in done.stdout
    else:
        assert "confkit-toolkit[cli]" in done.stderr, done.stderr
        assert "Traceback" not in done.stderr, done.stderr
    print(f"installed with {sorted(installed) or 'no extra'}; without: {sorted(lacking)}")


if __name__ == "__main__":
    main(set(sys.argv[1:]))
