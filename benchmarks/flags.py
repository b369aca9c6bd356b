"""One question to a flag, all data local: confkit, its floor and its peers, interleaved.

Run ``python3 noxfile.py -s bench -- flags``; ``--json`` is for machines, ``--floor-only`` leaves
the peers out. Every round times every contestant once; medians of the rounds are compared as
ratios, which hold on other machines where nanoseconds do not. Exit code 1 if a target is missed.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import json
import logging
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

from confkit.flags import Flags, MemoryStore

Ask = Callable[[str], object]
RULES = {"on": {"enabled": True}, "quarter": {"enabled": True, "percentage": 25}}
#: Distinct ids, so that no contestant lives by remembering the last one.
IDS = [f"user-{n}" for n in range(20_000)]


def confkit_flags(stack: ExitStack) -> tuple[Ask, Ask]:
    flags = stack.enter_context(Flags(MemoryStore(RULES)))
    enabled = flags.enabled
    return lambda u: enabled("on", user_id=u), lambda u: enabled("quarter", user_id=u)


def launchdarkly(stack: ExitStack) -> tuple[Ask, Ask]:
    import ldclient
    from ldclient import Context
    from ldclient.config import Config
    from ldclient.integrations import Files

    def flag(key: str, fallthrough: dict[str, object]) -> dict[str, object]:
        return {
            "key": key, "version": 1, "on": True, "salt": key, "variations": [True, False],
            "fallthrough": fallthrough, "offVariation": 1, "prerequisites": [], "targets": [],
            "rules": [],
        }  # fmt: skip

    split = [{"variation": 0, "weight": 25_000}, {"variation": 1, "weight": 75_000}]
    data = {
        "flags": {
            "on": flag("on", {"variation": 0}),
            "quarter": flag("quarter", {"rollout": {"variations": split}}),
        }
    }
    path = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "flags.json"
    path.write_text(json.dumps(data))
    source = Files.new_data_source(paths=[str(path)])
    config = Config("sdk-key", update_processor_class=source, send_events=False)
    client = ldclient.LDClient(config, 5)
    stack.callback(client.close)
    create, variation = Context.create, client.variation
    return (
        lambda u: variation("on", create(u), False),
        lambda u: variation("quarter", create(u), False),
    )


def unleash(stack: ExitStack) -> tuple[Ask, Ask]:
    from UnleashClient import UnleashClient
    from UnleashClient.cache import FileCache

    def feature(name: str, strategy: dict[str, object]) -> dict[str, object]:
        return {"name": name, "enabled": True, "strategies": [strategy]}

    parameters = {"rollout": "25", "stickiness": "userId", "groupId": "quarter"}
    data = {
        "version": 2,
        "features": [
            feature("on", {"name": "default", "parameters": {}}),
            feature("quarter", {"name": "flexibleRollout", "parameters": parameters}),
        ],
    }
    directory = stack.enter_context(tempfile.TemporaryDirectory())
    cache = FileCache("bench", directory=directory)
    cache.bootstrap_from_dict(data)
    client = UnleashClient(
        "http://localhost:1/api", "bench", cache=cache, disable_metrics=True,
        disable_registration=True,
    )  # fmt: skip
    client.initialize_client(fetch_toggles=False)
    stack.callback(client.destroy)
    enabled = client.is_enabled
    return lambda u: enabled("on", {"userId": u}), lambda u: enabled("quarter", {"userId": u})


def growthbook(stack: ExitStack) -> tuple[Ask, Ask]:
    from growthbook import GrowthBook

    features = {
        "on": {"defaultValue": True},
        "quarter": {
            "defaultValue": False,
            "rules": [{"force": True, "coverage": 0.25, "hashAttribute": "id"}],
        },
    }
    book = GrowthBook(features=features)
    stack.callback(book.destroy)

    def asking(name: str) -> Ask:
        def ask(unit: str) -> object:
            book.set_attributes({"id": unit})
            return book.is_on(name)

        return ask

    return asking("on"), asking("quarter")


def openfeature(stack: ExitStack) -> tuple[Ask, Ask]:
    import zlib

    from openfeature import api
    from openfeature.evaluation_context import EvaluationContext
    from openfeature.flag_evaluation import FlagResolutionDetails
    from openfeature.provider.in_memory_provider import InMemoryFlag, InMemoryProvider

    variants = {"on": True, "off": False}

    def quarter(flag: object, context: EvaluationContext) -> FlagResolutionDetails[bool]:
        share = zlib.crc32((context.targeting_key or "").encode()) % 100
        return FlagResolutionDetails(value=share < 25)

    provider = InMemoryProvider(
        {
            "on": InMemoryFlag("on", variants),
            "quarter": InMemoryFlag("off", variants, context_evaluator=quarter),
        }
    )
    api.set_provider(provider)
    stack.callback(api.shutdown)
    ask = api.get_client().get_boolean_value
    return (
        lambda u: ask("on", False, EvaluationContext(u)),
        lambda u: ask("quarter", False, EvaluationContext(u)),
    )


def floor(stack: ExitStack) -> tuple[Ask, Ask]:
    """A bare md5 of the same payload, made beforehand: no rollout by md5 can be quicker."""
    md5 = hashlib.md5
    ask: Callable[[bytes], object] = lambda payload: md5(payload).digest()  # noqa: E731
    return ask, ask  # type: ignore[return-value]


#: Targets: how many times a bare md5 a question may take, and peers must take of ours.
PEERS: dict[str, tuple[Callable[[ExitStack], tuple[Ask, Ask]], float]] = {
    "launchdarkly": (launchdarkly, 8),
    "unleash": (unleash, 8),
    "growthbook": (growthbook, 3),
    "openfeature": (openfeature, 8),
}


def timed(ask: Ask, arguments: list[str]) -> float:
    begun = time.perf_counter_ns()
    for argument in arguments:
        ask(argument)
    return (time.perf_counter_ns() - begun) / len(arguments)


def rounds(
    contestants: dict[str, tuple[Ask, Ask]], count: int, size: int
) -> Iterator[dict[str, tuple[float, float]]]:
    for number in range(count):
        part = [IDS[(number * size + n) % len(IDS)] for n in range(size)]
        yield {
            name: tuple(  # type: ignore[misc]
                timed(ask, [f"quarter:{u}".encode() for u in part] if name == "md5" else part)  # type: ignore[arg-type]
                for ask in asks
            )
            for name, asks in contestants.items()
        }


def resident() -> float:
    """Megabytes of this process that are in memory."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("no VmRSS")


def memory() -> float:
    """Megabytes that a million distinct users and a thousand unknown names leave behind."""
    documents = {f"flag-{n}": {"enabled": True, "percentage": 25} for n in range(200)}
    with Flags(MemoryStore(documents)) as flags:
        logging.getLogger("confkit.flags").setLevel(logging.CRITICAL)
        flags.enabled("flag-0", "warm")
        gc.collect()
        before = resident()
        for number in range(1_000_000):
            flags.enabled(f"flag-{number % 200}", user_id=f"user-{number}")
            if number % 1000 == 0:
                flags.enabled(f"unknown-{number}", user_id="x")
        gc.collect()
        return resident() - before


def after_fork(count: int) -> float:
    """Microseconds a flag of the first ``all()`` in a forked child, the best of nine."""
    rules = {f"flag-{n}": {"enabled": True, "percentage": 25} for n in range(count)}
    best = float("inf")
    with Flags(MemoryStore(rules), background=False) as flags:
        for _ in range(9):
            flags.after_fork()  # what a child does before its first question
            begun = time.perf_counter()
            assert len(flags.all("user-1")) == count
            best = min(best, time.perf_counter() - begun)
    return best / count * 1e6


def show(medians: dict[str, list[float]]) -> None:
    md5, (plain, rollout) = medians["md5"][1], medians["confkit"]
    columns = ("plain ns", "x md5", "x ours", "25 % ns", "x md5", "x ours")
    widths = (10, 8, 8, 10, 8, 8)
    print(" " * 14 + "".join(f"{c:>{w}}" for c, w in zip(columns, widths, strict=True)))
    for name, (one, two) in medians.items():
        print(
            f"{name:14}{one:10.0f}{one / md5:8.2f}{one / plain:8.1f}"
            f"{two:10.0f}{two / md5:8.2f}{two / rollout:8.1f}"
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--floor-only", action="store_true", help="without peers")
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    with ExitStack() as stack:
        contestants = {"md5": floor(stack), "confkit": confkit_flags(stack)}
        if not options.floor_only:
            contestants |= {name: make(stack) for name, (make, _) in PEERS.items()}
        shares = {
            name: sum(bool(asks[1](u)) for u in IDS[:4000]) / 4000
            for name, asks in contestants.items()
            if name != "md5"
        }
        for name, share in shares.items():
            assert 0.2 < share < 0.3, f"{name} answers {share:.0%} at 25 %: it measures nothing"
        for _ in rounds(contestants, 1, 300):
            pass
        gc.disable()
        found = list(rounds(contestants, options.rounds, 2000))
        gc.enable()
    medians = {
        name: [statistics.median(r[name][kind] for r in found) for kind in (0, 1)]
        for name in contestants
    }
    md5, (plain, rollout) = medians["md5"][1], medians["confkit"]
    targets = {
        "rollout <= 1.2 md5": rollout <= 1.2 * md5,
        "plain <= 0.3 md5": plain <= 0.3 * md5,
    }
    for name, (_, times) in PEERS.items():
        if name in medians:
            ours = medians["confkit"]
            targets[f"{name} >= {times} times"] = all(
                m >= times * o for m, o in zip(medians[name], ours, strict=True)
            )
    grown = memory()
    targets["a million users < 20 MB"] = grown < 20
    few, many = after_fork(1_000), after_fork(8_000)
    targets["all() after a fork is linear: 8,000 flags < 1.5 times as long each"] = many < 1.5 * few
    if options.json:
        print(json.dumps({"ns": medians, "memory_mb": grown, "targets": targets}, indent=2))
    else:
        show(medians)
        print(f"memory after a million users: {grown:+.1f} MB")
        print(f"all() after a fork, µs a flag: {few:.2f} of 1,000, {many:.2f} of 8,000")
        for text, met in targets.items():
            print(f"{'met   ' if met else 'MISSED'}  {text}")
    return 0 if all(targets.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
