"""OpenFeature's client with our provider: values, reasons, codes and events.

https://openfeature.dev/specification/sections/flag-evaluation
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time

import pytest

from confkit.flags.client import Flags
from confkit.flags.rules.decision import Reason
from confkit.flags.rules.model import Flag
from confkit.flags.stores.memory import MemoryStore

pytest.importorskip("openfeature.provider", reason="needs the extra openfeature")

from openfeature import api
from openfeature.evaluation_context import EvaluationContext
from openfeature.event import ProviderEvent
from openfeature.exception import ErrorCode
from openfeature.hook import Hook, HookContext
from openfeature.telemetry import TelemetryAttribute, create_evaluation_event
from openfeature.track import TrackingEventDetails

from confkit.flags.openfeature import ConfkitProvider

DOCUMENTS = {
    "boolean-flag": {"enabled": True},
    "boolean-off": {"enabled": False},
    "string-flag": {
        "enabled": True, "variants": {"greeting": 100},
        "values": {"greeting": "hi", "parting": "bye"}, "off_variant": "parting",
    },
    "string-off": {
        "enabled": False, "values": {"parting": "bye"}, "off_variant": "parting",
    },
    "names": {"enabled": True, "variants": {"red": 100}},
    "names-off": {"enabled": False, "variants": {"red": 100}},
    "integer-flag": {"enabled": True, "variants": {"ten": 100}, "values": {"ten": 10}},
    "float-flag": {"enabled": True, "variants": {"half": 100}, "values": {"half": 0.5}},
    "object-flag": {
        "enabled": True, "variants": {"template": 100},
        "values": {"template": {"showImages": True, "title": "Check", "perPage": 100}},
    },
    "empty-text": {"enabled": True, "variants": {"a": 100}, "values": {"a": ""}},
    "zero": {"enabled": True, "variants": {"a": 100}, "values": {"a": 0}},
    "context-aware": {
        "enabled": True, "variants": {"internal": 100},
        "values": {"internal": "INTERNAL", "external": "EXTERNAL"}, "off_variant": "external",
        "conditions": [{"attribute": "customer", "in": [False]}],
    },
    "half": {"enabled": True, "percentage": 50},
    "half-texts": {
        "enabled": True, "percentage": 50, "variants": {"a": 100}, "values": {"a": "x"},
    },
}  # fmt: skip


@pytest.fixture
def flags():
    with Flags(MemoryStore(DOCUMENTS), [Flag("declared", default=True)]) as made:
        yield made


def until(true, seconds=10.0):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)


@pytest.fixture
def client(flags):
    api.set_provider_and_wait(ConfkitProvider(flags, flag_set="shop"))
    yield api.get_client()
    api.shutdown()
    api.clear_providers()
    api.clear_hooks()


USER = EvaluationContext("u1")


@pytest.mark.parametrize(
    ("kind", "key", "default", "value", "variant", "reason"),
    [
        ("boolean", "boolean-flag", False, True, "on", "STATIC"),
        ("boolean", "boolean-off", True, False, "off", "DISABLED"),
        ("string", "string-flag", "x", "hi", "greeting", "STATIC"),
        ("string", "string-off", "x", "bye", "off", "DISABLED"),
        ("string", "names", "x", "red", "red", "STATIC"),
        ("string", "names-off", "x", "x", None, "DISABLED"),
        ("string", "empty-text", "x", "", "a", "STATIC"),
        ("integer", "integer-flag", 1, 10, "ten", "STATIC"),
        ("integer", "zero", 1, 0, "a", "STATIC"),
        ("float", "float-flag", 0.1, 0.5, "half", "STATIC"),
        ("float", "integer-flag", 0.1, 10.0, "ten", "STATIC"),
        ("object", "object-flag", {}, DOCUMENTS["object-flag"]["values"]["template"], "template",
         "STATIC"),
        ("object", "object-flag", [1], DOCUMENTS["object-flag"]["values"]["template"], "template",
         "STATIC"),
        ("boolean", "names", False, True, "red", "STATIC"),
    ],
)  # fmt: skip
def test_values_of_every_type(client, kind, key, default, value, variant, reason):
    found = getattr(client, f"get_{kind}_details")(key, default, USER)
    assert (found.value, found.variant, found.reason) == (value, variant, reason)
    assert type(found.value) is type(value)
    assert found.error_code is None
    assert getattr(client, f"get_{kind}_value")(key, default, USER) == value
    later = getattr(client, f"get_{kind}_details_async")(key, default, USER)
    assert asyncio.run(later) == found


@pytest.mark.parametrize(
    ("kind", "key", "default", "code"),
    [
        ("string", "nothing-here", "x", ErrorCode.FLAG_NOT_FOUND),
        ("boolean", "nothing-here", True, ErrorCode.FLAG_NOT_FOUND),
        ("boolean", "declared", False, ErrorCode.FLAG_NOT_FOUND),
        ("integer", "string-flag", 13, ErrorCode.TYPE_MISMATCH),
        ("integer", "float-flag", 13, ErrorCode.TYPE_MISMATCH),
        ("string", "integer-flag", "x", ErrorCode.TYPE_MISMATCH),
        ("string", "boolean-flag", "x", ErrorCode.TYPE_MISMATCH),
        ("boolean", "string-flag", True, ErrorCode.TYPE_MISMATCH),
        ("boolean", "integer-flag", False, ErrorCode.TYPE_MISMATCH),
        ("object", "string-flag", {"a": 1}, ErrorCode.TYPE_MISMATCH),
        ("float", "boolean-flag", 1.5, ErrorCode.TYPE_MISMATCH),
    ],
)
def test_the_default_with_its_code(client, kind, key, default, code):
    found = getattr(client, f"get_{kind}_details")(key, default, USER)
    assert (found.value, found.reason, found.error_code) == (default, "ERROR", code)
    assert found.error_message
    assert found.variant is None


def test_a_rule_that_cannot_be_read():
    store = MemoryStore({"a": {"enabled": True, "percentage": 500}})
    with Flags(store) as flags:
        api.set_provider_and_wait(ConfkitProvider(flags))
        found = api.get_client().get_boolean_details("a", True)
        assert (found.value, found.error_code) == (True, ErrorCode.PARSE_ERROR)
        api.clear_providers()


def test_the_context_counts(client):
    ask = client.get_string_value
    assert ask("context-aware", "x", EvaluationContext(attributes={"customer": False})) == (
        "INTERNAL"
    )
    assert ask("context-aware", "x", EvaluationContext(attributes={"customer": True})) == "EXTERNAL"
    found = client.get_string_details("context-aware", "x", EvaluationContext())
    assert (found.value, found.reason) == ("EXTERNAL", "TARGETING_MATCH")


def test_the_targeting_key_is_the_user_id(client, flags):
    for number in range(200):
        unit = f"u{number}"
        wanted = flags.decide("half", unit)
        found = client.get_boolean_details("half", not wanted.value, EvaluationContext(unit))
        assert (found.value, found.reason) == (wanted.value, "SPLIT")
        assert found.flag_metadata == {
            "reason": wanted.reason.value, "bucket": wanted.bucket, "version": "1",
            "contextId": unit, "flagSetId": "shop",
        }  # fmt: skip
        named = EvaluationContext("other", {"user_id": unit})
        assert client.get_boolean_value("half", not wanted.value, named) is wanted.value


def test_a_rollout_without_an_id_is_off_and_a_value_of_it_is_the_default(client):
    found = client.get_boolean_details("half", True)
    assert (found.value, found.error_code) == (False, None)
    assert found.flag_metadata["reason"] == "no-unit"
    found = client.get_string_details("half-texts", "x")
    assert (found.value, found.error_code) == ("x", ErrorCode.TARGETING_KEY_MISSING)
    wrong = EvaluationContext(attributes={"user_id": 1.5})
    assert client.get_boolean_value("half", True, wrong) is False
    found = client.get_string_details("half-texts", "x", wrong)
    assert (found.value, found.error_code) == ("x", ErrorCode.INVALID_CONTEXT)


def test_changes_are_events_and_none_after_the_end(client, flags):
    told = []
    client.add_handler(
        ProviderEvent.PROVIDER_CONFIGURATION_CHANGED, lambda e: told.append(e.flags_changed)
    )
    flags.set("half", percentage=60)
    flags.set("new", enabled=True)
    until(lambda: len(told) == 2)
    assert sorted(told) == [["half"], ["new"]]
    api.shutdown()
    flags.set("new", enabled=False)
    time.sleep(0.1)  # an event would be told by a thread
    assert len(told) == 2


def test_silence_of_the_store_is_an_event_and_its_return_is_one():
    now = [0.0]
    told = []
    store = MemoryStore({"a": {"enabled": True}})
    with Flags(
        store, background=False, max_stale=10, on_stale="default", monotonic=lambda: now[0]
    ) as flags:
        api.set_provider_and_wait(ConfkitProvider(flags))
        client = api.get_client()
        client.add_handler(ProviderEvent.PROVIDER_STALE, lambda e: told.append(("stale", e)))
        assert client.get_boolean_value("a", False) is True
        now[0] = 11
        flags.tick()
        until(lambda: [name for name, _ in told] == ["stale"])
        found = client.get_boolean_details("a", True)
        assert (found.value, found.reason) == (False, "STALE")
        client.add_handler(ProviderEvent.PROVIDER_READY, lambda e: told.append(("ready", e)))
        flags.refresh()
        flags.tick()
        until(lambda: [name for name, _ in told][-1] == "ready")
        assert client.get_boolean_value("a", False) is True
        api.clear_providers()


def test_tracking_is_handed_on(flags):
    told = []
    api.set_provider_and_wait(ConfkitProvider(flags, on_track=lambda *event: told.append(event)))
    client = api.get_client()
    client.track("bought", USER, TrackingEventDetails(99.5, {"currency": "EUR"}))
    client.track("seen", EvaluationContext(attributes={"country": "DE"}))
    assert told == [
        ("bought", {"user_id": "u1"}, 99.5, {"currency": "EUR"}),
        ("seen", {"country": "DE"}, None, {}),
    ]
    api.set_provider_and_wait(ConfkitProvider(flags))
    client.track("bought", USER)
    api.clear_providers()


def test_what_is_asked_is_an_exposure_and_can_be_forced():
    seen = []
    with Flags(MemoryStore(DOCUMENTS), on_exposure=seen.append, background=False) as flags:
        api.set_provider_and_wait(ConfkitProvider(flags))
        client = api.get_client()
        assert client.get_boolean_value("boolean-flag", False, USER) is True
        with flags.override({"boolean-flag": False, "integer-flag": 7}):
            assert client.get_boolean_value("boolean-flag", True, USER) is False
            assert client.get_integer_value("integer-flag", 1, USER) == 7
        api.clear_providers()
    assert [(d.name, d.unit) for d in seen][:1] == [("boolean-flag", "u1")]


def test_telemetry_has_its_attributes(client):
    events = []

    class Telemetry(Hook):
        def finally_after(self, hook_context: HookContext, details, hints):
            events.append(create_evaluation_event(hook_context, details))

    api.add_hooks([Telemetry()])
    client.get_string_value("string-flag", "x", USER)
    (event,) = events
    wanted = {
        TelemetryAttribute.KEY: "string-flag",
        TelemetryAttribute.VARIANT: "greeting",
        TelemetryAttribute.PROVIDER_NAME: "confkit",
        TelemetryAttribute.VERSION: "1",
        TelemetryAttribute.SET_ID: "shop",
        TelemetryAttribute.CONTEXT_ID: "u1",
        TelemetryAttribute.EVALUATION_REASON: "static",
    }
    assert event.attributes == wanted


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_of_ours_is_one_of_theirs(reason):
    from openfeature.flag_evaluation import Reason as Theirs

    from confkit.flags.rules.decision import OPENFEATURE_REASONS

    assert OPENFEATURE_REASONS.get(reason, "TARGETING_MATCH") in set(Theirs)


def test_without_the_sdk_the_extra_is_named():
    code = """
import sys
sys.modules["openfeature"] = None
sys.modules["openfeature.event"] = None
try:
    import confkit.flags.openfeature
except ImportError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "confkit-toolkit[openfeature]" in done.stdout
