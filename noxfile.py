#!/usr/bin/env python3
# /// script
# requires-python = ">=3.11"
# ///
"""Every task of the project; `python3 noxfile.py --list` names them.

Needs Python 3.11 or newer with pip, and nothing else: this file makes itself an environment with
the versions of nox and uv that requirements/nox.txt pins, and runs there.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
LOCKS = HERE / "requirements"
BOOT = HERE / ".nox" / "_boot-{}.{}".format(*sys.version_info)


def _run_with_pinned_nox() -> int:
    """Run this file again, in an environment that has the pinned nox and uv; make it if needed."""
    lock = LOCKS / "nox.txt"
    python = BOOT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    made_for = f"{sys.version} {hashlib.sha256(lock.read_bytes()).hexdigest()}"
    ready = BOOT / ".ready"
    if not ready.exists() or ready.read_text() != made_for:
        print("Setting up nox (once)...", flush=True)
        # Debian's Python cannot copy pip into an environment, but its pip can install from outside.
        own_pip = importlib.util.find_spec("pip") is None
        venv.create(BOOT, with_pip=own_pip, clear=True)
        install = [str(python if own_pip else sys.executable), "-m", "pip", "--python", str(python)]
        install += ["--disable-pip-version-check", "install", "--quiet", "--require-hashes"]
        subprocess.run([*install, "-r", str(lock)], check=True)
        ready.write_text(made_for)
    return subprocess.run([str(python), __file__, *sys.argv[1:]], check=False).returncode


if __name__ == "__main__" and Path(sys.prefix).resolve() != BOOT:
    sys.exit(_run_with_pinned_nox())

import nox

nox.needs_version = ">=2025.10.16"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_existing_virtualenvs = True
nox.options.error_on_missing_interpreters = False
nox.options.download_python = "never"
nox.options.sessions = ["lint", "types", "tests", "env_check", "env_example"]

PROJECT = nox.project.load_toml(HERE / "pyproject.toml")
PYTHONS = ["3.11", "3.12", "3.13"]
PYODIDE = "3.14"  # the Python in the Pyodide of requirements/package-lock.json
#: Workers share the tests of one run; one more than cores, since many tests wait for something.
PARALLEL = ("-n", str(min(8, (os.cpu_count() or 1) + 1)), "--dist", "worksteal")
QUICK = ("-m", "not slow", *PARALLEL)
SOME_EXAMPLES = {"CONFKIT_EXAMPLES": "25"}
#: For runs that look at what is installed around the code, not for rare examples.
FEW_EXAMPLES = {"CONFKIT_EXAMPLES": "10", "CONFKIT_SIZE": "0.1"}
Env = dict[str, str] | None
SHOP_FILES = ("examples/shop/.env.development", "examples/shop/.env.production")


def _show_pyenv_versions() -> None:
    """Let pyenv's shims answer for every version it has installed, not for the chosen one only."""
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    known = [v.name for v in (root / "versions").glob("3.*") if v.stem in PYTHONS]
    if known:
        # Not setdefault: a shim that started this file has set its own version.
        os.environ["PYENV_VERSION"] = ":".join(sorted(known))


_show_pyenv_versions()


def _pytest(
    session: nox.Session, *options: str, run: tuple[str, ...] = ("python",), env: Env = None
) -> None:
    """Run tests. Where CONFKIT_RERUN is set, what failed runs once more, by itself.

    What waits for other processes may fail on a machine that is busy with something else.
    """
    pytest = (*run, "-m", "pytest")
    outside = Path(run[0]).is_absolute()
    try:
        session.run(*pytest, *options, env=env, external=outside)
    except nox.command.CommandFailed:
        if not os.environ.get("CONFKIT_RERUN"):
            raise
        session.warn("These tests failed; what failed runs once more.")
        again = ("--last-failed", "--last-failed-no-failures", "none")
        session.run(*pytest, *again, env=env, external=outside)


def _install(session: nox.Session, lock: str, *, project: bool = True) -> None:
    """Install a lock of requirements/, and this project from the work tree."""
    session.install("--require-hashes", "-r", f"requirements/{lock}.txt")
    if project:
        # The build backend is in the lock too: an isolated build would take the newest.
        session.install("--no-deps", "--no-build-isolation", "-e", ".")


@nox.session(default=False)
def demo(session: nox.Session) -> None:
    """Resolve the example shop, explain a setting, roll a flag out over 100,000 users."""
    _install(session, "shop")
    session.run("python", "-m", "examples.shop.demo", *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """Run all tests but the slow ones, on this Python. Arguments after -- go to pytest."""
    _install(session, "tests")
    _pytest(session, *(session.posargs or QUICK), env=SOME_EXAMPLES)


@nox.session(python=PYTHONS, default=False)
def tests_pythons(session: nox.Session) -> None:
    """Run all tests but the slow ones on every Python. Arguments after -- go to pytest."""
    _install(session, "tests")
    _pytest(session, *(session.posargs or QUICK), env=FEW_EXAMPLES)


@nox.session(python=PYTHONS[-1], default=False)
def coverage(session: nox.Session) -> None:
    """Run every test on the newest Python, and fail when too few lines are reached."""
    _install(session, "tests")
    session.run("coverage", "erase")
    measured = ("python", "-m", "coverage", "run")
    _pytest(session, *(session.posargs or PARALLEL), run=measured, env=SOME_EXAMPLES)
    session.run("coverage", "combine", "--quiet")
    session.run("coverage", "report")


@nox.session(default=False)
def api(session: nox.Session) -> None:
    """Try the admin API with a fuzzer of its description and with clients of other projects.

    Needs Node.js. CONFKIT_PEERS names the folder with the description of OFREP.
    """
    _install(session, "api")
    session.env["CONFKIT_NODE_MODULES"] = str(_node(session))
    session.env["CONFKIT_API"] = "required"
    only = ("tests/admin", "-k", "fuzz or ofrep or openapi", *PARALLEL)
    _pytest(session, *(session.posargs or only))


@nox.session(python=PYTHONS, default=False)
def tests_noextras(session: nox.Session) -> None:
    """Run the tests of the core with no extra installed."""
    _install(session, "noextras")
    session.env["CONFKIT_TESTS_WITHOUT_EXTRAS"] = "1"
    _pytest(session, *(session.posargs or QUICK), env=FEW_EXAMPLES)


@nox.session(python=PYTHONS[0], default=False)
def tests_lowest(session: nox.Session) -> None:
    """Run every test on the lowest Python, with the lowest versions that pyproject.toml allows."""
    _install(session, "lowest")
    _pytest(session, *(session.posargs or PARALLEL), env=FEW_EXAMPLES)


@nox.session(default=False, reuse_venv=False)
def tests_latest(session: nox.Session) -> None:
    """Run all tests but the slow ones with the newest versions of everything; print what is new."""
    _install(session, "tests")
    before = _versions(session)
    wanted = nox.project.dependency_groups(PROJECT, "build", "test", "types")
    session.install("--upgrade", "-e", ".[all]", *wanted)
    after = _versions(session)
    for name in sorted({*before, *after}):
        if before.get(name) != after.get(name):
            session.log(f"{name}: {before.get(name)} in the lock, {after.get(name)} now")
    _pytest(session, *(session.posargs or QUICK), env=FEW_EXAMPLES)


def _versions(session: nox.Session) -> dict[str, str]:
    """The version of every distribution that the session has installed."""
    code = "import importlib.metadata as m; [print(d.name, d.version) for d in m.distributions()]"
    found = session.run("python", "-c", code, silent=True, log=False)
    return dict(line.split() for line in str(found).splitlines())


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, formatting and the import floors."""
    _install(session, "lint", project=False)
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("lint-imports", "--no-cache")


@nox.session
def types(session: nox.Session) -> None:
    """Check the types of the packages with mypy --strict."""
    _install(session, "tests")
    session.run("mypy")


@nox.session(tags=["env"])
def env_check(session: nox.Session) -> None:
    """Check the env files of the example shop: `nox -s env_check -- --strict`."""
    _install(session, "shop")
    session.run("confkit", "env", "check", *(session.posargs or SHOP_FILES))


@nox.session(tags=["env"], default=False)
def env_diff(session: nox.Session) -> None:
    """Show what two env files set differently: `nox -s env_diff -- A B`."""
    _install(session, "shop")
    session.run("confkit", "env", "diff", *(session.posargs or SHOP_FILES))


@nox.session(tags=["env"])
def env_example(session: nox.Session) -> None:
    """Fail when .env.example is out of date with the settings."""
    _install(session, "shop")
    session.run("confkit", "env", "example", *(session.posargs or ("--check",)))


@nox.session(default=False)
def engines(session: nox.Session) -> None:
    """Compare SQL in DuckDB, PostgreSQL, ClickHouse and Spark with Python; SIZE=1e6 ids.

    Needs Java, and PostgreSQL's server: `apt-get install postgresql default-jre-headless`.
    """
    _install(session, "engines")
    session.env["SIZE"] = os.environ.get("SIZE", "1e6")
    session.env["CONFKIT_ENGINES"] = "all"
    tests = ("tests/engines", "tests/analysis/test_assignment.py")
    _pytest(session, *(session.posargs or (*tests, "--durations=12")))


@nox.session(default=False)
def browser(session: nox.Session) -> None:
    """Look at our pages with Chromium, as their users do; pictures go to .screenshots/.

    Needs Node.js, and Chromium: `apt-get install chromium`.
    """
    _install(session, "browser")
    session.env["CONFKIT_NODE_MODULES"] = str(_node(session))
    session.env["CONFKIT_BROWSER"] = "required"
    _pytest(session, *(session.posargs or ("tests/browser", "--durations=12")))


@nox.session(default=False)
def notebooks(session: nox.Session) -> None:
    """Run the notebooks and compare each with its pair; `-- --write` writes the .ipynb files.

    Left out is an engine that is not there: `apt-get install postgresql default-jre-headless`.
    """
    _install(session, "notebooks")
    session.env["CONFKIT_NOTEBOOKS"] = "required"
    if "--write" in session.posargs:
        names = [word for word in session.posargs if word != "--write"]
        session.run("python", "-m", "tests.notebooks.pairs", *names)
    else:
        tests = ("tests/notebooks", "tests/test_canary_pages.py", "--durations=5")
        _pytest(session, *(session.posargs or tests))


@nox.session(default=False)
def tests_pyodide(session: nox.Session) -> None:
    """Run a core part of the tests in Pyodide, the Python of browsers, by Node.js."""
    modules, packages = _node(session), Path(session.create_tmp(), "site-packages")
    _install_pure(session, "pyodide", packages)
    run = ("node", "tests/pyodide/run.mjs", str(modules), str(packages))
    session.run(*run, *session.posargs, external=True)


def _install_pure(session: nox.Session, lock: str, where: Path) -> None:
    """Install a lock of requirements/ for Pyodide's Python, without what is compiled."""
    shutil.rmtree(where, ignore_errors=True)
    # PyYAML works without its compiled part, and has no wheel that is without.
    built_for = ("--python-version", PYODIDE, "--python-platform", "x86_64-manylinux_2_28")
    options = ("--require-hashes", "--no-build", "--no-deps", "--target", str(where))
    session.install(*built_for, *options, "-r", f"requirements/{lock}.txt")
    for compiled in where.rglob("*.so"):
        compiled.unlink()


def _node(session: nox.Session) -> Path:
    """What requirements/package-lock.json pins, from the npm registry; the folder it is in."""
    if shutil.which("npm") is None:
        session.error("npm is not on this machine: install Node.js 18 or newer")
    where = HERE / ".nox" / "node"
    names = ("package.json", "package-lock.json")
    if not all(
        (where / name).exists() and (where / name).read_bytes() == (LOCKS / name).read_bytes()
        for name in names
    ):
        fresh = Path(tempfile.mkdtemp(prefix="node-", dir=where.parent))
        for name in names:
            shutil.copy(LOCKS / name, fresh)
        install = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
        session.run(*install, "--prefix", str(fresh), external=True, silent=True)
        shutil.rmtree(where, ignore_errors=True)
        fresh.rename(where)  # only what is whole is found there
    return where / "node_modules"


@nox.session(default=False)
def dist(session: nox.Session) -> None:
    """Build sdist and wheel, check both, and use them as those do who install them."""
    _install(session, "dist", project=False)
    # Outside of this repository: git is asked for files below, and knows none of these.
    made = Path(tempfile.mkdtemp(prefix="confkit-dist-"))
    session.log(f"made in {made}, which is removed when all is well")
    session.run("python", "-m", "build", "--no-isolation", "--outdir", str(made), silent=True)
    (wheel,), (sdist,) = made.glob("*.whl"), made.glob("*.tar.gz")
    session.run("twine", "check", "--strict", str(wheel), str(sdist))
    session.run("check-wheel-contents", str(wheel))

    extras = {*PROJECT["project"]["optional-dependencies"]} - {"spark"}  # it is large
    for chosen in ("", *sorted(extras)):
        python = _environment(session, made / f"with-{chosen}")
        what = f"{wheel}[{chosen}]" if chosen else str(wheel)
        _uv(session, python, "-c", "requirements/tests.txt", what)
        names = extras if chosen == "all" else [chosen] * bool(chosen)
        session.run(python, "-P", ".ci/installed.py", *names, external=True)

    session.run("tar", "-xzf", str(sdist), "-C", str(made), external=True, silent=True)
    session.chdir(made / sdist.name.removesuffix(".tar.gz"))
    python = _environment(session, made / "sdist")
    _uv(session, python, "--require-hashes", "-r", "requirements/tests.txt")
    _uv(session, python, "--no-deps", "--no-build-isolation", "-e", ".")
    _pytest(session, "-q", *QUICK, run=(python,), env=FEW_EXAMPLES)
    session.chdir(HERE)
    shutil.rmtree(made)


def _environment(session: nox.Session, where: Path) -> str:
    """A new virtual environment; its interpreter."""
    session.run("uv", "venv", "--quiet", "--python", str(sys.executable), str(where))
    return str(where / "bin" / "python")


def _uv(session: nox.Session, python: str, *words: str) -> None:
    session.run("uv", "pip", "install", "--quiet", "--python", python, *words)


@nox.session(default=False)
def bench(session: nox.Session) -> None:
    """Measure against floors and peers: `nox -s bench -- config flags env redis [--json]`."""
    _install(session, "bench")
    options = [word for word in session.posargs if word.startswith("-")]
    names = [word for word in session.posargs if word not in options]
    for name in names or ("config", "flags"):
        session.run("python", "-m", f"benchmarks.{name}", *options)


@nox.session(default=False)
def lock(session: nox.Session) -> None:
    """Bring requirements/ in step with pyproject.toml; `-- --upgrade` takes newer versions too."""
    _install(session, "nox", project=False)
    compile_ = ("uv", "pip", "compile", "--quiet", "--universal", "--generate-hashes")
    python = ("--python-version", PYTHONS[0])
    command = ("--custom-compile-command", "python3 noxfile.py -s lock")
    for name, covers in nox.project.load_toml(LOCKS / "locks.toml").items():
        wanted = ["pyproject.toml"] if "extras" in covers else []
        wanted += [f"--extra={extra}" for extra in covers.get("extras", ())]
        wanted += [f"--group={group}" for group in covers["groups"]]
        wanted += ["--resolution", covers.get("resolution", "highest")]
        out = ("--output-file", f"requirements/{name}.txt")
        session.run(*compile_, *python, *command, *wanted, *out, *session.posargs)


if __name__ == "__main__":
    nox.main()
