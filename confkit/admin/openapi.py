"""The description of an API in OpenAPI 3.1, made from its table of routes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from confkit.admin.problems import KINDS
from confkit.admin.routes import Route, Table
from confkit.flags.rules.literals import NAME

#: The problems that every route can have.
ALWAYS = (400, 401, 403, 429, 500)
#: Those of every route with a body.
WITH_BODY = (413, 415, 422)

_TEXT: Mapping[str, Any] = {"type": "string"}
_NULLABLE: Mapping[str, Any] = {"type": ["string", "null"]}


def _object(*required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": properties}


SCHEMAS: Mapping[str, Any] = {
    "Problem": _object(
        *("type", "title", "status"),
        type={"type": "string", "format": "uri"},
        title=_TEXT,
        status={"type": "integer"},
        detail=_TEXT,
        errors={
            "type": "array",
            "items": _object("detail", pointer=_TEXT, detail=_TEXT, code=_TEXT, origin=_NULLABLE),
        },
    ),
    "Change": _object(
        *("key", "kind", "old", "new"),
        key=_TEXT,
        kind={"enum": ["added", "removed", "changed", "moved", "broken"]},
        old=_NULLABLE,
        new=_NULLABLE,
        old_origin=_NULLABLE,
        new_origin=_NULLABLE,
    ),
    "Accepted": _object(
        *("version", "at", "by", "reason", "changes", "etag"),
        version={"type": "integer"},
        at={"type": "string", "format": "date-time"},
        by=_TEXT,
        reason=_TEXT,
        changes={"type": "object"},
        etag=_TEXT,
    ),
    "Revision": _object(
        *("name", "revision", "at", "by", "reason", "old", "new"),
        name=_TEXT,
        revision={"type": "integer"},
        at={"type": "string", "format": "date-time"},
        by=_TEXT,
        reason=_TEXT,
        old={"type": ["object", "null"]},
        new={"type": ["object", "null"]},
    ),
    "Sample": _object(
        *("units", "enter", "stay", "leave", "out", "synthetic"),
        **{
            name: {"type": "integer"}
            for name in ("units", "enter", "stay", "leave", "out", "change_variant")
        },
        synthetic={"type": "boolean"},
        conditions_assumed={"type": "boolean"},
    ),
    "AuditEntry": _object(
        *("id", "at", "event", "by", "method", "path"),
        id=_TEXT,
        at={"type": "string", "format": "date-time"},
        event={"enum": ["attempt", "done", "failed", "denied"]},
        by=_NULLABLE,
        address=_TEXT,
        method=_TEXT,
        path=_TEXT,
    ),
}


def document(table: Table, prefix: str, title: str = "confkit") -> dict[str, Any]:
    """The whole description, for an API that is mounted at ``prefix``."""
    from confkit import __version__

    paths: dict[str, dict[str, Any]] = {}
    for route in table.routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": f"{title} admin API", "version": __version__},
        "servers": [{"url": prefix or "/"}],
        "security": [{"bearer": []}, {"key": []}],
        "paths": paths,
        "components": {
            "schemas": dict(SCHEMAS),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
            },
        },
    }


def _operation(route: Route) -> dict[str, Any]:
    made: dict[str, Any] = {
        "operationId": _id(route),
        "summary": route.summary,
        "parameters": [*_path(route), *_query(route), *_conditions(route)],
        "responses": _responses(route),
    }
    if route.bodies:
        content = {name: {"schema": dict(schema)} for name, schema in route.bodies.items()}
        made["requestBody"] = {"required": route.needs_body, "content": content}
    return made


def _id(route: Route) -> str:
    parts = re.findall(r"[a-z]+", route.path) or ["page"]
    return "_".join([route.method.lower(), *parts])


def _path(route: Route) -> list[dict[str, Any]]:
    names = re.findall(r"\{(\w+)\}", route.path)
    schema = {"type": "string", "pattern": f"^{NAME.pattern[:-2]}$"}
    return [{"name": n, "in": "path", "required": True, "schema": schema} for n in names]


def _query(route: Route) -> list[dict[str, Any]]:
    return [
        {"name": one.name, "in": "query", "description": one.summary, "schema": dict(one.schema)}
        for one in route.parameters
    ]


def _conditions(route: Route) -> list[dict[str, Any]]:
    names = ["If-None-Match"] if route.conditional else []
    if 412 in route.problems:
        names = ["If-Match", "If-None-Match"]
    tag = {"type": "string", "pattern": r'^(\*|"[!#-~]*"(, ?"[!#-~]*")*)$'}
    return [{"name": name, "in": "header", "schema": tag} for name in names]


def _responses(route: Route) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for status, schema in route.answers.items():
        made[str(status)] = {"description": "Well."}
        if schema is not None:
            made[str(status)]["content"] = {"application/json": {"schema": dict(schema)}}
    if route.conditional:
        made["304"] = {"description": "What the client has is what there is."}
    problems = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for status in sorted({*ALWAYS, *route.problems, *(WITH_BODY if route.bodies else ())}):
        titles = sorted(title for code, title in KINDS.values() if code == status)
        made[str(status)] = {"description": "; ".join(titles), "content": problems}
    return made
