"""The plugin: options, markers and hooks. Imports the standard library and pytest only.

confkit itself is imported by the first fixture, marker or option that needs it; a run that uses
none of it pays for a few calls a test.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from pytest_confkit.assertions import asked, explained
from pytest_confkit.backends import confkit_real_redis as confkit_real_redis
from pytest_confkit.backends import confkit_redis_server as confkit_redis_server
from pytest_confkit.backends import fake_aws as fake_aws
from pytest_confkit.backends import fake_redis as fake_redis
from pytest_confkit.backends import fake_redis_server as fake_redis_server
from pytest_confkit.backends import real_redis as real_redis
from pytest_confkit.combination import Combinations, new_seed, options_of
from pytest_confkit.fixtures import confkit_clock as confkit_clock
from pytest_confkit.fixtures import flags_seen as flags_seen
from pytest_confkit.fixtures import isolated_config as isolated_config
from pytest_confkit.fixtures import override_config as override_config
from pytest_confkit.fixtures import override_env as override_env
from pytest_confkit.fixtures import override_flags as override_flags
from pytest_confkit.fixtures import override_secrets as override_secrets
from pytest_confkit.markers import FLAG_EXPIRED, MARKERS, Markers
from pytest_confkit.masking import mask_report, mask_warning
from pytest_confkit.matrix import MARKER, Matrix
from pytest_confkit.matrix import matrix_argument as matrix_argument
from pytest_confkit.network import MARKER as NETWORK
from pytest_confkit.network import Network
from pytest_confkit.observations import Observations
from pytest_confkit.owners import Ownership

#: How many names the summary lists, and how much of each: a name may be made from input.
NAMES_SHOWN, NAME_SHOWN = 12, 60
LEAKS = ("error", "warn", "off", "all")

#: Short names of options; where another plugin has one, only ours with the prefix is there.
ALIASES: dict[str, dict[str, Any]] = {
    "--flag": {
        "action": "append",
        "metavar": "NAME=VALUE",
        "help": "force a flag: NAME, NAME=on|off|VARIANT; markers win over it unless it ends in !",
    },
    "--flags-all": {
        "choices": ("on", "off"),
        "help": "force every flag that is known, except those that --flag and markers name",
    },
    "--flags-random": {
        "nargs": "?",
        "const": "",
        "metavar": "SEED",
        "help": "give every known flag a random state in each test; the header has the seed",
    },
    "--flag-bisect": {
        "action": "store_true",
        "help": "run a test that fails under a combination again, to name the flags at fault",
    },
}


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("confkit", "confkit: settings, flags and secrets under control")
    for name, options in ALIASES.items():
        group.addoption(f"--confkit-{name[2:]}", dest=_dest(name), **options)
    group.addoption(
        "--confkit-leaks",
        choices=LEAKS,
        help="overrides that outlive their test: error (default), warn, off; "
        "all: the environment is compared in every test, too",
    )
    group.addoption("--confkit-report", metavar="FILE", help="write flag × state × tests as JSON")
    group.addoption(
        "--confkit-explain", metavar="KEY", help="show where a setting comes from, and end"
    )
    parser.addini("confkit_leaks", "as --confkit-leaks", default="error")
    parser.addini(
        "confkit_network",
        "hosts that confkit may connect to in tests, besides this machine; allow: any",
        type="args",
        default=[],
    )
    parser.addini("confkit_flags", "flags to force, as --flag", type="args", default=[])
    parser.addini("confkit_summary", "show flags seen in one state only", type="bool", default=True)


def _dest(name: str) -> str:
    return "confkit_" + name[2:].replace("-", "_")


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_load_initial_conftests(
    early_config: pytest.Config, parser: pytest.Parser
) -> Generator[None, None, None]:
    # Last of all, so that whoever else wants a short name has it already: two plugins that add
    # one name end the run with a traceback.
    yield
    # pytest has no other way to ask. Before 9 the unnamed group is not among the others.
    groups = [parser._anonymous, *parser._groups]  # noqa: SLF001
    taken = {name for group in groups for option in group.options for name in option.names()}
    group = parser.getgroup("confkit")
    for name, options in ALIASES.items():
        if name not in taken:
            group.addoption(name, dest=_dest(name), **options)


def pytest_configure(config: pytest.Config) -> None:
    for text in (*MARKERS.values(), MARKER, NETWORK, FLAG_EXPIRED):
        config.addinivalue_line("markers", text)
    leaks = config.getoption("confkit_leaks") or config.getini("confkit_leaks")
    if leaks not in LEAKS:
        raise pytest.UsageError(f"confkit_leaks = {leaks}: it is one of {', '.join(LEAKS)}")
    owners = Ownership(leaks)
    options = options_of(config)
    options["flags"] = [*config.getini("confkit_flags"), *options["flags"]]
    if options["seed"] == "":
        worker = getattr(config, "workerinput", {})
        options["seed"] = worker.get("confkit_seed") or new_seed()
    try:
        combinations = Combinations(owners, **options)
    except ValueError as error:
        raise pytest.UsageError(str(error)) from None
    observations = Observations()
    reports = Reports(config, combinations, observations)
    network = Network(config.getini("confkit_network"))
    owners.checks.append(network.check)
    plugins = {
        "confkit-owners": owners,
        "confkit-combinations": combinations,
        "confkit-markers": Markers(owners),
        "confkit-matrix": Matrix(),
        "confkit-observations": observations,
        "confkit-reports": reports,
        "confkit-network": network,
    }
    if not (config.getini("confkit_summary") or config.getoption("confkit_report")):
        observations.quiet = True
    if config.getoption("confkit_flag_bisect"):
        from pytest_confkit.bisection import Bisection

        plugins["confkit-bisection"] = Bisection(combinations)
    for name, plugin in plugins.items():
        config.pluginmanager.register(plugin, name)


def pytest_cmdline_main(config: pytest.Config) -> int | None:
    key = config.getoption("confkit_explain")
    if key is None:
        return None
    from confkit.cli import main

    return main(["explain", key])


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    return explained(left, right) if op == "==" else None


def _listed(names: list[str]) -> str:
    shown = [repr(name)[1:-1][:NAME_SHOWN] for name in names[:NAMES_SHOWN]]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more: --confkit-report has them" if more else "")


class Reports:
    """What the run says of flags: in the header, at failures, at the end, in a file."""

    def __init__(
        self, config: pytest.Config, combinations: Combinations, observations: Observations
    ) -> None:
        self._config = config
        self._combinations = combinations
        self._observations = observations

    def pytest_report_header(self) -> list[str]:
        forced = self._combinations.header
        return [f"confkit: flags forced: {forced}"] if forced else []

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        node.workerinput["confkit_seed"] = self._combinations.seed

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, Any, Any]:
        report = yield
        if report.failed and self._observations.last:
            report.sections.append(("confkit: flags asked", asked(self._observations.last)))
        if report.failed and (combination := self._combinations.of(item)):
            from pytest_confkit.matrix import label

            report.sections.append(("confkit: flags forced", label(combination)))
        # Last of all, so that terminal, JUnit XML and whoever else reads the report agree.
        if report.longrepr is not None or report.sections or report.user_properties:
            mask_report(report)
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_warning_recorded(self, warning_message: Any) -> None:
        mask_warning(warning_message)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if not self._observations.quiet:
            never, unknown = self._observations.one_sided(), self._observations.unknown()
            lines = [f"flags never tested {s}: {_listed(f)}" for s, f in never.items() if f]
            if unknown:
                lines.append(f"flags asked that nothing declares: {_listed(unknown)}")
            if lines:
                terminalreporter.section("confkit")
                for line in lines:
                    terminalreporter.line(line)
        file = self._config.getoption("confkit_report")
        if file and not hasattr(self._config, "workerinput"):
            self._observations.write(Path(self._config.rootpath, file))
