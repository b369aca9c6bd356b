# /// script
# requires-python = ">=3.11"
# dependencies = ["confkit-toolkit[test]", "pytest>=8.3"]
# [tool.uv.sources]
# confkit-toolkit = { path = "..", editable = true }
# ///
"""What the pytest plugin costs: loaded and unused, and each fixture.

A run of empty tests is measured with and without the plugin, so the difference is its own. The
fixtures are measured in this process, beyond the first use, which imports their libraries.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import make_dataclass
from pathlib import Path

# The directory of this script, where it is on the path, has a redis.py of its own.
sys.path[:] = [path for path in sys.path if path != str(Path(__file__).resolve().parent)]

from confkit import Flags, MemoryStore, Values, load, testing  # noqa: E402

#: The most that each may cost, in milliseconds.
BARS = {
    "start, plugin loaded": 300,
    "one empty test, plugin loaded": 0.05,
    "override_config, 100 settings": 0.2,
    "override_flags, 100 flags": 0.2,
    "fake_redis": 0.5,
    "fake_aws with one secret": 2.0,
}
FEW, MANY = 10, 3010


def run(tests: int, *options: str) -> float:
    """The CPU seconds of a pytest with so many empty tests: others on the machine do not count."""
    body = "import pytest\n@pytest.mark.parametrize('n', range(%d))\ndef test_a(n):\n    pass\n"
    with tempfile.TemporaryDirectory() as place:
        Path(place, "test_it.py").write_text(body % tests)
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
        environ = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        times = []
        for _ in range(3):
            start = _children()
            subprocess.run(command, cwd=place, env=environ, check=True, stdout=subprocess.DEVNULL)
            times.append(_children() - start)
    return min(times)


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def median(call: Callable[[], object], times: int = 200) -> float:
    """The median of many calls, in milliseconds, after one that is not counted."""
    call()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken) * 1000


def around(change: Callable[[], testing.override_env], use: Callable[..., object]) -> None:
    with change() as made:
        use(made)


def seeded(aws: testing.fake_aws) -> None:
    aws.seed(secrets={"myapp/database": {"password": "x"}})


def main() -> None:
    plugin = ("-p", "pytest_confkit.plugin")
    bare_few, bare_many = run(FEW), run(MANY)
    few, many = run(FEW, *plugin), run(MANY, *plugin)
    each = (many - few) - (bare_many - bare_few)
    fields = [(f"setting_{n:03}", int, n) for n in range(100)]
    config = load(make_dataclass("Settings", fields, frozen=True), Values({}))
    rules = {f"flag-{n:03}": {"enabled": True, "percentage": 50} for n in range(100)}
    flags = Flags(MemoryStore(rules), background=False)
    assert config.current
    assert flags.known

    def nothing(made: object) -> None:
        """A block without a body."""

    def fixture(name: str, *args: object, use: Callable[..., object] = nothing) -> float:
        return median(lambda: around(lambda: getattr(testing, name)(*args, site="x:1"), use))

    rows = {
        "start, plugin loaded": (few - bare_few) * 1000,
        "one empty test, plugin loaded": each * 1000 / (MANY - FEW),
        "override_config, 100 settings": fixture("override_config", {"setting_050": 7}),
        "override_flags, 100 flags": fixture("override_flags", {"flag-050": True}),
        "fake_redis": fixture("fake_redis", use=lambda fake: fake.client().set("a", "1")),
        "fake_aws with one secret": fixture("fake_aws", use=seeded),
    }
    floor = bare_many * 1000 / MANY
    print(f"{'one empty test, no plugin':<34} {floor:9.3f} ms")
    for name, taken in rows.items():
        verdict = "" if taken <= BARS[name] else "  ABOVE THE BAR"
        print(f"{name:<34} {taken:9.3f} ms {taken / floor:7.2f} x   bar {BARS[name]} ms{verdict}")


if __name__ == "__main__":
    main()
