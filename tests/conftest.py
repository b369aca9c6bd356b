"""What every test stands on."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from confkit.redaction.known import known

# How fast examples are made depends on what else the machine is doing, and fails no test.
settings.register_profile(
    "confkit",
    deadline=None,
    max_examples=int(os.environ.get("CONFKIT_EXAMPLES", "100")),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("confkit")

#: For tests/plugin; pytest takes it in the topmost conftest only.
pytest_plugins = ["pytester"]

# One session runs without any optional library: there the tests of what needs one are left out,
# by this variable and not by what happens to be importable.
if os.environ.get("CONFKIT_TESTS_WITHOUT_EXTRAS"):
    collect_ignore_glob = [
        "cli",
        "envcheck",
        "faults",
        "flags/redis",
        "flags/test_openfeature*",
        "plugin",
        "secrets/test_[!cp]*",
        "test_canary*",
        "test_docs.py",
        "test_docstrings.py",
        "test_typing.py",
        "testing/test_aws*",
        "testing/test_redis*",
    ]


def pytest_sessionstart(session: pytest.Session) -> None:
    """Our own tests ask flags in every way there is: a summary of them tells nothing."""
    observations = session.config.pluginmanager.get_plugin("confkit-observations")
    if observations is not None:
        observations.quiet = True


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees which environment the developer's shell is in."""
    for name in ("ENVIRONMENT", "CONFKIT_FLAGS_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def no_known_secrets() -> Iterator[None]:
    """No test masks what another one took for a secret."""
    yield
    known.clear()
