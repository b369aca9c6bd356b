#!/usr/bin/env -S uv run --script
# /// script
# requires-python = ">=3.11"
# dependencies = ["nox[uv]>=2025.10.16"]
# ///
"""Every task of the project; `python3 noxfile.py --list` names them.

Needs Python 3.11 and pip and nothing else: without nox this file makes itself an environment that
has it. With uv, `uv run noxfile.py` is the same and faster.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
BOOT = HERE / ".nox" / "_boot"
NOX = "nox[uv]>=2025.10.16"


def _restart_with_nox() -> None:
    """Run this file again inside an environment that has nox."""
    import venv

    python = BOOT / ("Scripts" if os.name == "nt" else "bin") / "python"
    ready = BOOT / ".ready"
    if not ready.exists() or ready.read_text() != NOX:
        print("Setting up nox (once)...", flush=True)
        venv.create(BOOT, with_pip=True, clear=True)
        install = [str(python), "-m", "pip", "install", "--quiet", NOX]
        subprocess.run([*install, "--disable-pip-version-check"], check=True)
        ready.write_text(NOX)
    if Path(sys.prefix).resolve() == BOOT.resolve():
        sys.exit("nox cannot be imported from its own environment: remove .nox and try again")
    sys.exit(subprocess.run([str(python), __file__, *sys.argv[1:]], check=False).returncode)


try:
    import nox
except ImportError:
    _restart_with_nox()
    raise

nox.needs_version = ">=2025.10.16"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_existing_virtualenvs = True
nox.options.error_on_missing_interpreters = False
nox.options.download_python = "never"
nox.options.sessions = ["lint", "types", "tests", "env_check", "env_example"]

PROJECT = nox.project.load_toml(HERE / "pyproject.toml")
PYTHONS = ["3.11", "3.12", "3.13"]
SHOP_FILES = ("examples/shop/.env.development", "examples/shop/.env.production")


def _show_pyenv_versions() -> None:
    """Let pyenv's shims answer for every version it has installed, not for the chosen one only."""
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    known = [v.name for v in (root / "versions").glob("3.*") if v.stem in PYTHONS]
    if known:
        # Not setdefault: a shim that started this file has set its own version.
        os.environ["PYENV_VERSION"] = ":".join(sorted(known))


_show_pyenv_versions()


def _install(session: nox.Session, *groups: str, extras: str = "[all]") -> None:
    # No interpreter is downloaded: what the machine has is what is tested.
    session.env["UV_PYTHON_DOWNLOADS"] = "never"
    wanted = nox.project.dependency_groups(PROJECT, *groups) if groups else ()
    session.install("-e", f".{extras}", *wanted)


@nox.session(default=False)
def demo(session: nox.Session) -> None:
    """Resolve the example shop, explain a setting, roll a flag out over 100,000 users."""
    _install(session)
    session.run("python", "-m", "examples.shop.demo", *session.posargs)


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run the tests; also notifies tests_noextras. Arguments after -- go to pytest."""
    _install(session, "test", "types")
    if session.posargs or session.python != PYTHONS[0]:
        session.run("python", "-m", "pytest", *session.posargs)
        return
    session.notify("tests_noextras")
    session.run("coverage", "erase")
    session.run("coverage", "run", "-m", "pytest")
    session.run("coverage", "combine", "--quiet")
    session.run("coverage", "report")


@nox.session
def tests_noextras(session: nox.Session) -> None:
    """Run the tests of the core with no extra installed."""
    session.env["UV_PYTHON_DOWNLOADS"] = "never"
    session.install("-e", ".", "pytest>=8.3", "hypothesis>=6.140")
    session.env["CONFKIT_TESTS_WITHOUT_EXTRAS"] = "1"
    session.run("python", "-m", "pytest", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, formatting and the import floors."""
    _install(session, "lint")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("lint-imports", "--no-cache")


@nox.session
def types(session: nox.Session) -> None:
    """Check the types of the packages with mypy --strict."""
    _install(session, "test", "types")
    session.run("mypy")


@nox.session(tags=["env"])
def env_check(session: nox.Session) -> None:
    """Check the env files of the example shop: `nox -s env_check -- --strict`."""
    _install(session, extras="[cli]")
    session.run("confkit", "env", "check", *(session.posargs or SHOP_FILES))


@nox.session(tags=["env"], default=False)
def env_diff(session: nox.Session) -> None:
    """Show what two env files set differently: `nox -s env_diff -- A B`."""
    _install(session, extras="[cli]")
    session.run("confkit", "env", "diff", *(session.posargs or SHOP_FILES))


@nox.session(tags=["env"])
def env_example(session: nox.Session) -> None:
    """Fail when .env.example is out of date with the settings."""
    _install(session, extras="[cli]")
    session.run("confkit", "env", "example", *(session.posargs or ("--check",)))


@nox.session(default=False, venv_backend="none")
def bench(session: nox.Session) -> None:
    """Measure against floors and peers: `nox -s bench -- config flags env`."""
    for name in session.posargs or ("config", "flags"):
        session.run("uv", "run", "--no-project", f"benchmarks/{name}.py", external=True)


if __name__ == "__main__":
    nox.main()
