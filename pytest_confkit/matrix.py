"""``@pytest.mark.flag_matrix``: one test for every combination of flags that matters."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pytest

from pytest_confkit.markers import site_of
from pytest_confkit.owners import LEVELS

MARKER = (
    "flag_matrix(flags, *, strategy='full'): run the test for combinations of flags; flags are "
    "names (on and off), or values by name; the strategy is full, pairwise or one-off."
)
#: The hidden argument by which a test gets its combination.
ARGUMENT = "_confkit_flag_matrix"
STRATEGIES = ("full", "pairwise", "one-off")

Value = bool | str
Axes = Mapping[str, Sequence[Value]]
Combination = dict[str, Value]


def combinations(axes: Axes, strategy: str = "full") -> list[Combination]:
    """The combinations of values, by flag.

    ``full`` has all of them; ``pairwise`` has every two values of two flags together at least
    once; ``one-off`` has the first value of each flag, and each other value alone among firsts.

    :raises ValueError: for a strategy that is none.
    """
    if strategy == "full":
        every = itertools.product(*axes.values())
        return [dict(zip(axes, values, strict=True)) for values in every]
    if strategy == "pairwise":
        return _pairwise(axes)
    if strategy == "one-off":
        first = {name: values[0] for name, values in axes.items()}
        others = [{**first, name: v} for name, values in axes.items() for v in values[1:]]
        return [first, *others]
    raise ValueError(f"there is no strategy {strategy!r}: it is one of {', '.join(STRATEGIES)}")


def _pairwise(axes: Axes) -> list[Combination]:
    """Greedy: each combination takes, flag by flag, the value that covers most pairs yet open."""
    names = list(axes)
    if len(names) < 2:
        return combinations(axes, "full")
    # A dictionary, since the order decides and has to be the same in every process.
    left: dict[tuple[tuple[str, Value], tuple[str, Value]], None] = {
        ((a, x), (b, y)): None
        for a, b in itertools.combinations(names, 2)
        for x, y in itertools.product(axes[a], axes[b])
    }
    used: Counter[tuple[str, Value]] = Counter()
    found: list[Combination] = []
    while left:
        chosen: Combination = dict(next(iter(left)))
        for name in names:
            if name not in chosen:
                # Of equally good values the one that was used least: it has most pairs to come.
                gains = {
                    value: (
                        sum(pair in left for pair in _pairs({**chosen, name: value}, name, names)),
                        -used[name, value],
                    )
                    for value in axes[name]
                }
                chosen[name] = max(axes[name], key=gains.__getitem__)
        found.append({name: chosen[name] for name in names})
        used.update(chosen.items())
        for name in names:
            for pair in _pairs(chosen, name, names):
                left.pop(pair, None)
    return found


def _pairs(chosen: Combination, name: str, names: list[str]) -> Iterable[Any]:
    """The pairs of a flag's value with the values of the others, in the order of the flags."""
    place = names.index(name)
    for other, value in chosen.items():
        if other != name:
            mine, theirs = (name, chosen[name]), (other, value)
            yield (mine, theirs) if place < names.index(other) else (theirs, mine)


def label(combination: Combination) -> str:
    """``new-checkout=on,theme=dark``: readable, and different for different combinations."""
    return ",".join(f"{name}={shown(value)}" for name, value in combination.items())


def shown(value: Any) -> str:
    """A forced value as ids and reports print it."""
    return {True: "on", False: "off"}.get(value, str(value)) if isinstance(value, bool) else value


def axes_of(marks: Iterable[pytest.Mark]) -> tuple[dict[str, list[Value]], str]:
    """The flags of all markers, the farthest first, with their values, and the one strategy.

    :raises ValueError: for what is no matrix.
    """
    axes: dict[str, list[Value]] = {}
    strategies = []
    for mark in marks:
        flags, strategy = _arguments(*mark.args, **mark.kwargs)
        strategies.append(strategy)
        # Of one flag the nearest marker counts.
        axes.update(flags)
    if len(set(strategies)) > 1:
        raise ValueError(f"the markers ask for different strategies: {', '.join(strategies)}")
    combinations({}, strategies[-1])
    return axes, strategies[-1]


def _arguments(flags: Any = None, *, strategy: str = "full") -> tuple[dict[str, list[Value]], str]:
    if not flags or isinstance(flags, str):
        raise ValueError("flag_matrix takes a list of flags, or values by flag")
    values = flags if isinstance(flags, Mapping) else dict.fromkeys(flags, (False, True))
    axes = {}
    for flag, given in values.items():
        name = flag if isinstance(flag, str) else _name(flag)
        axes[name] = list(given) if not isinstance(given, str) else [given]
        if not axes[name] or len(set(map(shown, axes[name]))) < len(axes[name]):
            raise ValueError(f"{name}: values are needed, each once")
    return axes, strategy


def _name(flag: Any) -> str:
    from confkit.flags.rules.model import name_of

    return name_of(flag)


@pytest.fixture(name=ARGUMENT)
def matrix_argument(request: pytest.FixtureRequest) -> Any:
    """The combination of a test with the marker ``flag_matrix``."""
    return request.param


class Matrix:
    """Makes one test of each combination, and forces it before fixtures are set up."""

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        found = list(metafunc.definition.iter_markers("flag_matrix"))[::-1]
        if not found:
            return
        site = site_of(metafunc.definition)
        try:
            axes, strategy = axes_of(found)
            self._check(axes, metafunc.config)
        except Exception as error:
            pytest.fail(f"{site}: @pytest.mark.flag_matrix: {error}", pytrace=False)
        made = combinations(axes, strategy)
        metafunc.fixturenames.append(ARGUMENT)
        metafunc.parametrize(ARGUMENT, made, ids=[label(one) for one in made], indirect=True)

    @staticmethod
    def _check(axes: Axes, config: pytest.Config) -> None:
        from confkit.testing import override_flags
        from pytest_confkit.known import check_names

        for name, values in axes.items():
            for value in values:
                override_flags({name: value}, site="")  # refuses what cannot be forced
                check_names({name: value}, config)


def combination_of(item: pytest.Item) -> Combination:
    """The combination of the matrix that a test stands for; empty where it has no matrix."""
    callspec = getattr(item, "callspec", None)
    return dict(callspec.params.get(ARGUMENT, {})) if callspec is not None else {}


#: Below what the test itself sets, above the markers of its class.
LEVEL = LEVELS["function"] - 1
