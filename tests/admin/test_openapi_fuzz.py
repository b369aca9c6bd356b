"""Requests made from the description by schemathesis: none is a failure of the server.

Every answer has a status, a media type and a shape that the description names, and what it says to
be wrong is refused.
"""

from __future__ import annotations

import os

import pytest

from confkit import Flags, MemoryStore, load
from confkit.admin import Admin
from confkit.admin.wsgi import WSGI
from tests.admin.conftest import ADA, FREE, RULES, TOKENS, Settings

schemathesis = pytest.importorskip("schemathesis")
hypothesis = pytest.importorskip("hypothesis")

pytestmark = pytest.mark.slow
BEARER = {"Authorization": f"Bearer {ADA}"}
EXAMPLES = int(os.environ.get("CONFKIT_EXAMPLES", "30"))
settings = hypothesis.settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(hypothesis.HealthCheck),
)


#: What no schema can tell: the state of what is changed, and what settings and rules mean.
DECIDED_LATER = [412, 422, 428]
ACCEPTED = ["2xx", "3xx", 401, 403, 404, 409, 429, "5xx", *DECIDED_LATER]
CONFIGURATION = schemathesis.config.SchemathesisConfig.from_dict(
    {
        "checks": {
            "positive_data_acceptance": {"expected-statuses": ACCEPTED},
        }
    }
)


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    root = tmp_path_factory.mktemp("api")
    (root / "config.yaml").write_text("name: one\n")
    config = load(Settings, root=root, environ={})
    flags = Flags(MemoryStore(RULES), background=False)
    app = WSGI(Admin(config, flags, auth=TOKENS, limits=FREE, sample=["u1", "u2"]), seconds=30)
    return schemathesis.openapi.from_wsgi(
        "/openapi.json", app=app, headers=BEARER, config=CONFIGURATION
    )


@pytest.mark.parametrize("mode", ["positive", "negative"])
def test_nothing_is_found(api, mode):
    generated = schemathesis.GenerationMode(mode)
    tried = 0
    for result in api.get_all_operations():
        operation = result.ok()
        cases = operation.as_strategy(generation_mode=generated)
        try:
            cases.validate()
        except Exception:  # some operations have nothing that could be wrong
            if mode == "positive":
                raise
            continue
        tried += 1

        @settings
        @hypothesis.given(cases)
        def check(case):
            case.call_and_validate(headers=BEARER)

        check()
    assert tried > 10
