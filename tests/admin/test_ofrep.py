"""OFREP: one flag, all flags, who may ask for which, browsers, and the protocol's description."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from confkit import Flag, Flags, MemoryStore, Secret
from confkit.admin import BearerTokens, Limits, Ofrep, Token
from confkit.admin.messages import Request
from tests.admin.conftest import ADA, EVE, FREE, RULES, asking

WEB = "web-0123456789-0123456789"
TOKENS = BearerTokens(
    Token("ada", Secret(ADA), "*"),
    Token("eve", Secret(EVE), ["flags:read"]),
    Token("web", Secret(WEB), ["flags:evaluate:public"]),
)
ALL = "/ofrep/v1/evaluate/flags"
SHOP = "https://shop.example"
RULE = {"enabled": True, "conditions": [{"attribute": "country", "in": ["DE"]}]}


@pytest.fixture
def flags():
    declared = [
        Flag("banner", public=True),
        Flag("search", public=True),
        Flag("unset", default=True),
    ]
    rules = {
        **RULES,
        "banner": {"enabled": True, "percentage": 30},
        "de": RULE,
        "off": {"enabled": False},
    }
    with Flags(MemoryStore(rules), declared, background=False) as made:
        yield made


@pytest.fixture
def ofrep(flags):
    return Ofrep(flags, auth=TOKENS, origins=[SHOP], limits=FREE)


@pytest.fixture
def ask(ofrep):
    return asking(ofrep)


def context(**attributes):
    return {"context": attributes}


def test_one_flag(ask):
    found = ask("POST", f"{ALL}/checkout", context(targetingKey="u1"))
    assert (found.status, found.json()) == (
        200,
        {
            "key": "checkout",
            "value": True,
            "variant": "on",
            "reason": "TARGETING_MATCH",
            "metadata": {"reason": "allowed", "revision": 1},
        },
    )
    assert found.header("Cache-Control") == "no-store"
    assert ask("POST", f"{ALL}/off", context()).json()["reason"] == "DISABLED"
    assert ask("POST", f"{ALL}/unset", context()).json()["value"] is True
    assert ask("POST", f"{ALL}/de", context(country="DE")).json()["value"] is True
    assert ask("POST", f"{ALL}/de", context(country="FR")).json()["value"] is False
    assert ask("POST", f"{ALL}/search", context(targetingKey="7")).json()["value"] in (
        "fast",
        "slow",
    )
    assert "value" not in ask("POST", f"{ALL}/search", context()).json()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "PARSE_ERROR"),
        (b"", "PARSE_ERROR"),
        (b" " * 70_000, "PARSE_ERROR"),
        ([], "INVALID_CONTEXT"),
        ({}, "INVALID_CONTEXT"),
        (context(targetingKey=7), "INVALID_CONTEXT"),
    ],
)
@pytest.mark.parametrize("path", [ALL, f"{ALL}/checkout"])
def test_what_cannot_be_read_is_400_in_the_words_of_the_protocol(ask, path, body, code):
    found = ask("POST", path, body)
    assert (found.status, found.json()["errorCode"]) == (400, code)
    assert found.json()["errorDetails"]
    assert found.json().get("key") == (None if path == ALL else "checkout")


def test_a_flag_that_there_is_not(ask):
    found = ask("POST", f"{ALL}/nope", context())
    assert (found.status, found.json()["errorCode"], found.json()["key"]) == (
        404, "FLAG_NOT_FOUND", "nope",
    )  # fmt: skip


def test_every_flag_with_a_tag(ask, flags):
    found = ask("POST", ALL, context(targetingKey="u1"))
    by_key = {one["key"]: one for one in found.json()["flags"]}
    assert set(by_key) == {"checkout", "search", "banner", "de", "off", "unset"}
    for name, one in by_key.items():
        decision = flags.decide(name, "u1")
        assert one.get("value") == (decision.variant if name == "search" else decision.value)
    assert "eventStreams" not in found.json()
    etag = found.header("ETag")
    same = ask("POST", ALL, context(targetingKey="u1"), if_none_match=etag)
    assert (same.status, same.body, same.header("ETag")) == (304, b"", etag)


def test_the_tag_depends_on_the_context_the_flags_and_who_asks(ask, flags):
    etag = ask("POST", ALL, context(targetingKey="u1")).header("ETag")
    assert (
        ask("POST", ALL, context(targetingKey="u9", country="DE"), if_none_match=etag).status == 200
    )
    assert ask("POST", ALL, context(targetingKey="u1"), token=WEB, if_none_match=etag).status == 200
    flags.set("banner", enabled=False)
    assert ask("POST", ALL, context(targetingKey="u1"), if_none_match=etag).status == 200
    etag = ask("POST", ALL, context(targetingKey="u1")).header("ETag")
    with flags.override({"off": True}):
        assert ask("POST", ALL, context(targetingKey="u1"), if_none_match=etag).status == 200
    assert ask("POST", ALL, context(targetingKey="u1"), if_none_match=etag).status == 304


def test_the_tag_depends_on_time_where_a_flag_does(ask, flags, confkit_clock):
    confkit_clock.travel("2030-01-01T00:00:00Z")
    steps = [{"at": "2030-01-01T01:00:00Z", "percentage": 100}]
    flags.set("banner", percentage=0, schedule=steps)
    etag = ask("POST", ALL, context(targetingKey="u1")).header("ETag")
    assert ask("POST", ALL, context(targetingKey="u1"), if_none_match=etag).status == 304
    confkit_clock.shift(hours=2)
    assert ask("POST", ALL, context(targetingKey="u1"), if_none_match=etag).status == 200


def test_a_tag_costs_no_evaluation_while_nothing_changed(ask, flags, monkeypatch):
    etag = ask("POST", ALL, context(targetingKey="u1")).header("ETag")
    monkeypatch.setattr(flags, "all", lambda *args: pytest.fail("evaluated again"))
    assert ask("POST", ALL, context(targetingKey="u1"), if_none_match=etag).status == 304


def test_remembered_tags_are_bounded(ask, ofrep):
    for number in range(1100):
        ask("POST", ALL, context(targetingKey=str(number)))
    assert len(ofrep._tags) <= 1000


def test_a_public_token_gets_public_flags_and_nothing_of_their_rules(ask):
    found = ask("POST", ALL, context(targetingKey="u1"), token=WEB).json()
    assert [one["key"] for one in found["flags"]] == ["banner", "search"]
    assert all("metadata" not in one for one in found["flags"])
    assert ask("POST", f"{ALL}/banner", context(), token=WEB).status == 200
    private = ask("POST", f"{ALL}/checkout", context(), token=WEB)
    missing = ask("POST", f"{ALL}/nope", context(), token=WEB)
    assert (private.status, private.body) == (404, missing.body.replace(b"nope", b"checkout"))


def test_who_may_not_evaluate_gets_nothing(ask):
    for path in (ALL, f"{ALL}/banner", "/nope", "/ofrep/v1/events"):
        assert ask("POST", path, context(), token="").status == 401
    assert ask("POST", ALL, context(), token=EVE).status == 403
    assert ask("GET", "/ofrep/v1/events", token=ADA).status == 401
    assert ask("GET", "/ofrep/v1/events?ticket=x.y").status == 401


def test_an_authorize_of_the_host_decides_what_is_seen(flags):
    def authorize(principal, action, resource):
        return action == ("flags:evaluate" if principal.name == "eve" else "flags:evaluate:public")

    ask = asking(Ofrep(flags, auth=TOKENS, authorize=authorize, limits=FREE))
    assert len(ask("POST", ALL, context(), token=EVE).json()["flags"]) == 6
    assert len(ask("POST", ALL, context(), token=ADA).json()["flags"]) == 2


def test_a_key_instead_of_a_bearer(ask):
    assert ask("POST", ALL, context(), token="", x_api_key=ADA).status == 200


def test_browsers_of_listed_origins_may_ask(ask):
    asked = {"origin": SHOP, "access_control_request_method": "POST"}
    found = ask("OPTIONS", ALL, token="", **asked)
    assert found.status == 204
    assert found.header("Access-Control-Allow-Origin") == SHOP
    assert "If-None-Match" in found.header("Access-Control-Allow-Headers")
    found = ask("POST", ALL, context(), origin=SHOP)
    assert found.header("Access-Control-Allow-Origin") == SHOP
    assert "ETag" in found.header("Access-Control-Expose-Headers")
    assert found.header("Vary") == "Origin"
    for other in ("https://evil.example", "null", f"{SHOP}.evil.example", "http://shop.example"):
        refused = ask("OPTIONS", ALL, token="", **{**asked, "origin": other})
        assert refused.status == 401
        assert refused.header("Access-Control-Allow-Origin") == ""
        assert ask("POST", ALL, context(), origin=other).header("Access-Control-Allow-Origin") == ""
    assert ask("OPTIONS", ALL, token="", origin=SHOP).status == 401


@pytest.mark.parametrize(
    "origin", ["*", "shop.example", "https://shop.example/", "null", "file://"]
)
def test_an_origin_that_no_browser_sends_is_refused(flags, origin):
    with pytest.raises(ValueError, match="is no origin"):
        Ofrep(flags, auth=TOKENS, origins=[origin])
    with pytest.raises(TypeError):
        Ofrep(flags, auth=None)


def streaming(ofrep, method="POST", path=ALL, query="", body=b'{"context": {}}', token=ADA):
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    return ofrep.handle(
        Request(method, path, query, headers, lambda size: body, prefix="/flags", streams=True)
    )


def test_a_stream_is_offered_where_one_can_be_sent(ofrep, flags):
    found = streaming(ofrep).json()["eventStreams"][0]
    uri = found["endpoint"]["requestUri"]
    assert (found["type"], found["inactivityDelaySec"]) == ("sse", 120)
    assert uri.startswith("/flags/ofrep/v1/events?ticket=")
    query = uri.partition("?")[2]
    opened = streaming(ofrep, "GET", "/ofrep/v1/events", query, token="")
    assert opened.header("Content-Type") == "text/event-stream"
    woken: list[int] = []
    opened.stream.open(lambda: woken.append(1))
    flags.set("banner", percentage=50)
    assert woken == [1]


def test_not_modified_counts_no_longer_than_the_ticket(ofrep, confkit_clock):
    confkit_clock.travel("2030-01-01T00:00:01Z")

    def again(etag):
        headers = {
            "authorization": f"Bearer {ADA}",
            "content-type": "application/json",
            "if-none-match": etag,
        }
        return ofrep.handle(
            Request("POST", ALL, "", headers, lambda size: b'{"context": {}}', streams=True)
        )

    etag = streaming(ofrep).header("ETag")
    assert again(etag).status == 304
    confkit_clock.shift(seconds=61)
    assert again(etag).status == 200


def test_so_many_streams_and_no_more(flags):
    ofrep = Ofrep(flags, auth=TOKENS, limits=FREE, streams=1)
    uri = streaming(ofrep).json()["eventStreams"][0]["endpoint"]["requestUri"]
    query = uri.partition("?")[2]
    streaming(ofrep, "GET", "/ofrep/v1/events", query, token="").stream.open(lambda: None)
    refused = streaming(ofrep, "GET", "/ofrep/v1/events", query, token="")
    assert (refused.status, refused.header("Retry-After")) == (429, "30")


def test_rates_are_those_of_an_address(flags):
    from confkit.admin.limits import Rate

    ask = asking(Ofrep(flags, auth=TOKENS, limits=Limits(reads=Rate(0.001, 2))))
    found = [ask("POST", ALL, context(), token=WEB, address="a").status for _ in range(3)]
    assert found == [200, 200, 429]
    assert ask("POST", ALL, context(), token=WEB, address="b").status == 200


def test_what_fails_is_500_in_the_words_of_the_protocol(ask, flags, monkeypatch):
    monkeypatch.setattr(flags, "all", lambda *args: 1 / 0)
    found = ask("POST", ALL, context())
    assert (found.status, found.json()) == (500, {"errorDetails": "the evaluation failed"})


# -- the description of the protocol


@pytest.fixture(scope="module")
def described():
    peers = os.environ.get("CONFKIT_PEERS")
    if not peers:
        pytest.skip("CONFKIT_PEERS names no folder with ofrep/openapi.yaml")
    yaml = pytest.importorskip("yaml")
    pytest.importorskip("jsonschema")
    found = yaml.safe_load((Path(peers) / "ofrep" / "openapi.yaml").read_text())
    # As it is written no answer with a value is valid: `codeDefaultFlag` holds for everything, so
    # that two of `oneOf` always hold. Its prose says that one of them is enough.
    kinds = found["components"]["schemas"]["evaluationSuccess"]["allOf"][1]
    kinds["anyOf"] = kinds.pop("oneOf")
    return found


def check(described, path, found):
    from jsonschema import Draft202012Validator

    template = ALL if path == ALL else f"{ALL}/{{key}}"
    answers = described["paths"][template]["post"]["responses"]
    assert str(found.status) in answers
    content = answers[str(found.status)].get("content")
    if content is not None:
        assert found.header("Content-Type") == "application/json"
        schema = {**content["application/json"]["schema"], "components": described["components"]}
        Draft202012Validator(schema).validate(found.json())


@pytest.mark.parametrize(
    ("path", "body", "headers"),
    [
        *(
            (f"{ALL}/{name}", context(targetingKey="u1"), {})
            for name in ("checkout", "search", "de")
        ),
        *(
            (f"{ALL}/{name}", context(), {})
            for name in ("off", "unset", "nope", "banner", "checkout")
        ),
        (ALL, context(targetingKey="u1"), {}),
        (ALL, context(), {"token": WEB}),
        (ALL, context(), {"token": ""}),
        (ALL, context(), {"token": EVE}),
        (ALL, b"{", {}),
        (f"{ALL}/checkout", b"{", {}),
        (f"{ALL}/checkout", [], {}),
        (f"{ALL}/checkout", b" " * 70_000, {}),
        (ALL, {"context": {"targetingKey": []}}, {}),
        (ALL, context(), {"content_type": "text/plain"}),
        (f"{ALL}?x=1", context(), {}),
    ],
)
def test_every_answer_is_valid_by_the_description(described, ask, ofrep, path, body, headers):
    found = ask("POST", path, body, **headers)
    check(described, path.partition("?")[0], found)
    if path == ALL and found.status == 200:
        check(described, path, streaming(ofrep))
