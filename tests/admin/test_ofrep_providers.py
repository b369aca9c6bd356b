"""OpenFeature's own providers give the answers of ``decide``, on ten thousand cases each."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import threading
from pathlib import Path

import pytest

from confkit import Flags, MemoryStore
from confkit.admin import Ofrep
from confkit.admin.server import local_server
from tests.admin.conftest import ADA, FREE, TOKENS

pytestmark = pytest.mark.slow

SCRIPT = Path(__file__).parent / "javascript" / "ask.mjs"
BOOLEANS: dict[str, dict] = {
    "on": {"enabled": True},
    "off": {"enabled": False},
    "third": {"enabled": True, "percentage": 33.333},
    "listed": {"enabled": True, "allow": ["7", "u-8"], "deny": ["9"]},
    "german": {
        "enabled": True,
        "conditions": [{"attribute": "country", "in": ["DE", "AT"]}],
        "percentage": 60,
    },
    "old": {"enabled": True, "conditions": [{"attribute": "age", "min": 40}]},
    "needs": {"enabled": True, "prerequisites": {"third": True}},
}
STRINGS: dict[str, dict] = {
    "search": {"enabled": True, "variants": {"fast": 20, "slow": 80}},
    "some": {"enabled": True, "percentage": 50, "variants": {"a": 50, "b": 50}},
    "none": {"enabled": False, "variants": {"a": 100}},
}
CASES = 10_000


@pytest.fixture(scope="module")
def flags():
    with Flags(MemoryStore({**BOOLEANS, **STRINGS}), background=False) as made:
        assert made.view.errors == {}
        yield made


@pytest.fixture(scope="module")
def url(flags):
    with local_server(Ofrep(flags, auth=TOKENS, limits=FREE)) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join(10)


def contexts(count):
    choose = random.Random(7)
    for number in range(count):
        made = {"targetingKey": choose.choice([str(number % 20), f"u-{number}", "Zoë Ünïcode"])}
        if choose.random() < 0.8:
            made["country"] = choose.choice(["DE", "AT", "FR", ""])
        if choose.random() < 0.8:
            made["age"] = choose.choice([0, 17, 39.5, 40, 41, 99])
        yield made


def expected(flags, name, context):
    attributes = {key: value for key, value in context.items() if key != "targetingKey"}
    decision = flags.decide(name, {"user_id": context["targetingKey"], **attributes})
    return decision.value if name in BOOLEANS else decision.variant or "default"


def test_the_python_provider(url, flags):
    provider = pytest.importorskip("openfeature.contrib.provider.ofrep")
    from openfeature import api
    from openfeature.evaluation_context import EvaluationContext

    headers = {"Authorization": f"Bearer {ADA}"}
    api.set_provider(provider.OFREPProvider(url, headers_factory=lambda: headers))
    client = api.get_client()
    names = [*BOOLEANS, *STRINGS]
    seen = set()
    for context in contexts(CASES // len(names)):
        attributes = dict(context)
        given = EvaluationContext(attributes.pop("targetingKey"), attributes)
        for name in names:
            if name in BOOLEANS:
                found = client.get_boolean_details(name, False, given)
            else:
                found = client.get_string_details(name, "default", given)
            assert found.value == expected(flags, name, context), (name, context, found)
            assert found.error_code is None, found
            seen.add((name, found.value))
    assert len(seen) == 2 * len(BOOLEANS) - 2 + 2 + 3 + 1  # both answers, where there are two
    api.shutdown()


def test_the_javascript_web_provider(url, flags):
    modules = os.environ.get("CONFKIT_NODE_MODULES")
    if shutil.which("node") is None or not modules:
        assert not os.environ.get("CONFKIT_API"), "needs Node.js, and its modules"
        pytest.skip("needs Node.js and CONFKIT_NODE_MODULES")
    asked = list(contexts(CASES // (len(BOOLEANS) + len(STRINGS))))
    job = {"baseUrl": url, "token": ADA, "contexts": asked}
    done = subprocess.run(
        ["node", str(SCRIPT), modules],
        input=json.dumps({**job, "booleans": list(BOOLEANS), "strings": list(STRINGS)}),
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    answers = json.loads(done.stdout)
    assert len(answers) == len(asked)
    for context, found in zip(asked, answers, strict=True):
        for name, one in found.items():
            assert one["value"] == expected(flags, name, context), (name, context, one)
            assert one.get("errorCode") is None, one
