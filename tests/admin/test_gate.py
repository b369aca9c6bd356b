"""Who gets through, in which order it is checked, and that nobody else learns anything."""

from __future__ import annotations

import logging

import pytest

from confkit.admin import Admin, BearerTokens, Limits, Principal, Request, Token
from confkit.admin.limits import Rate
from tests.admin.conftest import ADA, EVE, FREE, READER, TOKENS, asking, events


@pytest.fixture
def paths(admin):
    """Every path of the table with its methods, and paths that there are not."""
    known = [
        (route.method, route.path.replace("{name}", "checkout")) for route in admin.table.routes
    ]
    unknown = ["/", "/nope", "/config/", "/feature-flags/", "//config", "/../config", "", "/Config"]
    methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"]
    return [*known, *((method, path) for path in unknown for method in methods)]


def never_read(size):
    raise AssertionError("the body was read before the request was admitted")


@pytest.mark.parametrize("token", ["", "wrong-0123456789-0123456789"])
def test_no_path_answers_who_is_not_known(admin, paths, token):
    """Row H1, generated from the table of routes."""
    answers = set()
    for method, path in paths:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        found = admin.handle(Request(method, path, headers=headers, read=never_read))
        answers.add((found.status, found.body, tuple(found.headers)))
        assert found.status == 401, (method, path)
        assert found.header("WWW-Authenticate") == 'Bearer realm="confkit"'
    assert len({status for status, *_ in answers}) == 1


def test_no_path_answers_who_may_do_nothing(admin, paths):
    for method, path in paths:
        headers = {"authorization": f"Bearer {EVE}"}
        found = admin.handle(Request(method, path, headers=headers, read=never_read))
        assert found.status == 403, (method, path)


def test_unknown_paths_look_as_known_ones_to_who_may_not(admin):
    ask = asking(admin)
    for token in ("", EVE):
        assert ask("GET", "/config", token=token).body == ask("GET", "/nope", token=token).body


def test_auth_is_required():
    with pytest.raises(TypeError):
        Admin(object(), auth=None)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        Admin(object())  # type: ignore[arg-type, call-arg]
    with pytest.raises(TypeError):
        Admin(auth=TOKENS)


def test_a_grant_covers_its_own_routes_only(ask):
    assert ask("GET", "/config", token=READER).status == 200
    assert ask("GET", "/feature-flags", token=READER).status == 200
    assert ask("POST", "/config", {"name": "x"}, token=READER).status == 403
    assert ask("DELETE", "/feature-flags/checkout", token=READER).status == 403
    assert ask("GET", "/audit", token=READER).status == 403
    assert ask("GET", "/nope", token=READER).status == 404


ORDER = [
    # each is wrong in everything that follows, too
    (401, {"token": ""}),
    (403, {"token": EVE}),
    (404, {"path": "/nope"}),
    (405, {"method": "PUT"}),
    (415, {"kind": "text/plain"}),
    (413, {"content_length": "999999"}),
    (400, {"body": b"{"}),
    (422, {"body": [1]}),
    (412, {"body": {"name": [1]}, "if_match": '"old"'}),
    (422, {"body": {"name": [1]}, "if_match": "*"}),
]


def test_the_order_of_checks(ask):
    """What comes first decides, whatever else is wrong."""
    right = {"token": ADA, "path": "/config", "method": "POST", "kind": "application/json"}
    wrong = [change for _, change in ORDER]
    for place, (status, _) in enumerate(ORDER):
        sent: dict = {}
        for change in reversed(wrong[place:]):
            sent.update(change)
        sent = {**right, **sent}
        if place > 5:
            sent.pop("content_length", None)
        found = ask(sent.pop("method"), sent.pop("path"), sent.pop("body"), **sent)
        assert found.status == status, (place, found.body)


def test_a_method_that_is_not_there_is_answered_with_those_that_are(ask):
    found = ask("PUT", "/config")
    assert (found.status, found.header("Allow")) == (405, "GET, HEAD, OPTIONS, PATCH, POST")
    found = ask("OPTIONS", "/config")
    assert (found.status, found.header("Allow"), found.body) == (
        204, "GET, HEAD, OPTIONS, PATCH, POST", b"",
    )  # fmt: skip


def test_the_rates_of_one_principal_are_not_those_of_others(config, flags):
    limits = Limits(reads=Rate(0.001, 3), writes=Rate(0.001, 1))
    ask = asking(Admin(config, flags, auth=TOKENS, limits=limits))
    assert [ask("GET", "/config").status for _ in range(4)] == [200, 200, 200, 429]
    assert int(ask("GET", "/config").header("Retry-After")) > 0
    assert ask("GET", "/config", token=READER).status == 200
    assert [ask("POST", "/config/reload").status for _ in range(2)] == [200, 429]


def test_wrong_tokens_close_an_address_and_no_other(config, flags):
    limits = Limits(reads=None, failed_logins=Rate(0.001, 5))
    admin = Admin(config, flags, auth=TOKENS, limits=limits)
    ask = asking(admin)
    wrong = "wrong-0123456789-0123456789"
    found = [ask("GET", "/config", token=wrong, address="a").status for _ in range(7)]
    assert found == [401] * 5 + [429] * 2
    assert ask("GET", "/config", address="a").status == 429
    assert ask("GET", "/config", address="b").status == 200
    assert ask("GET", "/config", token="", address="a").status == 401
    assert len([e for e in events(admin) if e["event"] == "denied"]) <= 10


def test_ten_thousand_requests_of_two_thousand_principals_are_bounded(config, flags):
    """Row H4."""
    limits = Limits(reads=Rate(0.001, 2), remembered=1000)

    def auth(request):
        return Principal(request.header("x-name"), frozenset({"*"}))

    admin = Admin(config, flags, auth=auth, limits=limits)
    statuses = []
    for number in range(10_000):
        name = f"p{number % 2000}" if number % 2 else "busy"
        found = admin.handle(Request("GET", "/feature-flags/checkout", headers={"x-name": name}))
        statuses.append(found.status)
        assert len(admin.gate.buckets) <= 1000
    assert set(statuses) == {200, 429}


def test_every_denial_is_on_record_without_the_token(admin):
    ask = asking(admin)
    wrong = "wrong-0123456789-0123456789"
    ask("GET", "/config", token=wrong)
    ask("POST", "/config", {"name": "x"}, token=EVE)
    ask("POST", "/config", {"name": "x"}, token="", cookie="a=b", origin="https://evil.example")
    kinds = [(e["event"], e["by"], e["why"]) for e in events(admin)]
    assert kinds == [
        ("denied", None, "unauthenticated"),
        ("denied", "eve", "forbidden"),
        ("denied", None, "unauthenticated"),
    ]
    assert wrong not in str(events(admin))


def test_a_host_that_knows_somebody_and_refuses_them(config):
    ask = asking(Admin(config, auth=lambda request: False, limits=FREE))
    assert ask("GET", "/config").status == 403


@pytest.mark.parametrize("answer", [True, "ada", 1])
def test_auth_that_gives_no_principal_admits_nobody(config, answer):
    ask = asking(Admin(config, auth=lambda request: answer, limits=FREE))
    assert ask("GET", "/config").status == 500


def test_authorize_decides_by_resource_and_only_true_admits(config, flags):
    def authorize(principal, action, resource):
        return resource == "checkout" or (action == "config:read" and "yes")

    ask = asking(Admin(config, flags, auth=TOKENS, authorize=authorize, limits=FREE))
    assert ask("GET", "/feature-flags/checkout").status == 200
    assert ask("GET", "/feature-flags/search").status == 403
    assert ask("GET", "/config").status == 403
    assert ask("GET", "/nope").status == 403


def test_what_nobody_expects_is_500_without_its_text(config, caplog):
    def auth(request):
        raise RuntimeError("secret-in-an-error")

    with caplog.at_level(logging.DEBUG):
        found = asking(Admin(config, auth=auth, limits=FREE))("GET", "/config")
    assert found.status == 500
    assert "secret-in-an-error" not in found.body.decode() + caplog.text
    assert "RuntimeError at test_gate.py" in caplog.text


def of_session(**headers):
    request = Request("POST", "/session", headers={"authorization": f"Bearer {ADA}"})
    return {"cookie": f"confkit_session={TOKENS.session(request)}", **headers}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec_fetch_site": "same-site", "origin": "https://admin.example"}, 403),
        ({"sec_fetch_site": "cross-site"}, 403),
        ({"sec_fetch_site": "none"}, 403),
        ({"sec_fetch_site": "same-origin"}, 200),
        ({"origin": "https://admin.example"}, 200),
        ({"origin": "https://other.example"}, 200),
    ],
)
def test_a_cookie_changes_something_only_from_our_own_page(config, flags, headers, status):
    admin = Admin(config, flags, auth=TOKENS, limits=FREE, origins=["https://other.example"])
    ask = asking(admin)
    sent = of_session(host="admin.example", **headers)
    assert ask("POST", "/config", {"name": "two"}, token="", **sent).status == status
    assert ask("GET", "/config", token="", **of_session()).status == 200


def test_several_tokens_of_one_name_are_for_rotation(config):
    from confkit.admin import hash_token

    new = "ada-new-0123456789-0123456789"
    auth = BearerTokens(Token("ada", hash_token(ADA), "*"), Token("ada", hash_token(new), "*"))
    ask = asking(Admin(config, auth=auth, limits=FREE))
    assert ask("GET", "/config", token=ADA).status == 200
    assert ask("GET", "/config", token=new).status == 200
