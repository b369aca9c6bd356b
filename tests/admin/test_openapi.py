"""The description that is made from the table of routes."""

from __future__ import annotations

import re

import pytest


@pytest.fixture
def described(ask):
    return ask("GET", "/openapi.json", prefix="/admin").json()


def test_every_route_is_described(admin, described):
    assert described["openapi"] == "3.1.0"
    assert described["servers"] == [{"url": "/admin"}]
    found = {
        (method.upper(), path) for path, methods in described["paths"].items() for method in methods
    }
    assert found == {(route.method, route.path) for route in admin.table.routes}
    ids = [one["operationId"] for path in described["paths"].values() for one in path.values()]
    assert len(set(ids)) == len(ids)


def test_every_reference_leads_somewhere(described):
    names = set(re.findall(r"#/components/schemas/(\w+)", str(described)))
    assert names <= set(described["components"]["schemas"])
    assert names


def test_every_operation_can_be_refused(described):
    for path in described["paths"].values():
        for one in path.values():
            assert {"400", "401", "403", "429", "500"} <= set(one["responses"])
            assert ("413" in one["responses"]) == ("requestBody" in one)


def test_it_is_a_valid_description(described):
    validator = pytest.importorskip("openapi_spec_validator")
    validator.validate(described)
