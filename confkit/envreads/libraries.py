"""Reads by libraries: django-environ, environs, and the fields of pydantic's settings."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from confkit.envreads.known import ENV
from confkit.envreads.look import Look
from confkit.envreads.reads import Read

#: The variable that a method of django-environ reads where none is named.
_USUAL = {
    "db": "DATABASE_URL", "db_url": "DATABASE_URL", "cache": "CACHE_URL", "cache_url": "CACHE_URL",
    "email": "EMAIL_URL", "email_url": "EMAIL_URL", "search_url": "SEARCH_URL",
    "channels": "CHANNELS_URL", "channels_url": "CHANNELS_URL",
}  # fmt: skip
_METHODS = {
    "str", "bool", "int", "float", "json", "list", "tuple", "dict", "set", "url", "path", "bytes",
    "decimal", "datetime", "date", "time", "timedelta", "uuid", "log_level", "enum", "unicode",
    "dj_db_url", "dj_email_url", "dj_cache_url", "get_value", *_USUAL,
}  # fmt: skip
_PLAIN = {"unicode": "str", "get_value": "str", "url": "str", "json": "dict", "path": "Path"}


def env_calls(look: Look, node: ast.Call, called: str, file: str) -> Iterator[Read]:
    """``env("NAME")`` and ``env.bool("NAME", default=...)``."""
    method = ""
    if called != ENV:
        function = node.func
        if not (isinstance(function, ast.Attribute) and function.attr in _METHODS):
            return
        if look.object_of(function.value) != ENV:
            return
        method = function.attr
    first = node.args[0] if node.args else _keyword(node, "var")
    names = look.texts_of(first) or (
        {_USUAL[method]} if first is None and method in _USUAL else set()
    )
    default = _keyword(node, "default")
    if default is None and len(node.args) > 1 and method not in ("", "get_value"):
        default = node.args[1]
    prefix = look.scope.prefix
    for name in sorted(names):
        yield Read(
            prefix + name,
            file,
            node.lineno,
            node.col_offset + 1,
            "env",
            None if default is None else ast.unparse(default),
            default is None,
            _PLAIN.get(method, method if method and method not in _USUAL else "str"),
        )


def prefixed(look: Look, item: ast.withitem) -> str:
    """``with env.prefixed("APP_"):`` of environs: what is put before names in the block."""
    call = item.context_expr
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.args):
        return ""
    if call.func.attr != "prefixed" or look.object_of(call.func.value) != ENV:
        return ""
    return next(iter(look.texts_of(call.args[0])), "")


def declared(node: ast.Call) -> Iterator[tuple[str, str, str | None]]:
    """``environ.Env(DEBUG=(bool, False))``: names, types, defaults."""
    for keyword in node.keywords:
        value = keyword.value
        if keyword.arg is None or not keyword.arg.isupper():
            continue
        if isinstance(value, ast.Tuple) and len(value.elts) == 2:
            yield keyword.arg, ast.unparse(value.elts[0]), ast.unparse(value.elts[1])
        else:
            yield keyword.arg, ast.unparse(value), None


def settings_class(look: Look, node: ast.ClassDef, file: str) -> Iterator[Read]:
    """The fields of a class of pydantic's settings, under the names that it reads."""
    if not any(_is_settings(look, base) for base in node.bases):
        return
    prefix = _prefix(node)
    for field in node.body:
        if not (isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)):
            continue
        if field.target.id.startswith("_") or field.target.id == "model_config":
            continue
        if "ClassVar" in ast.unparse(field.annotation):
            continue
        names, default, required = _field(field)
        for name in names or [f"{prefix}{field.target.id}".upper()]:
            yield Read(
                name,
                file,
                field.lineno,
                field.col_offset + 1,
                "pydantic",
                default,
                required,
                ast.unparse(field.annotation),
            )


def _is_settings(look: Look, base: ast.expr) -> bool:
    if look.object_of(base) == "BaseSettings":
        return True
    # A base class of the project's own, by the name that everybody gives it.
    return isinstance(base, ast.Name) and base.id in ("BaseSettings", "BaseAppSettings")


def _prefix(node: ast.ClassDef) -> str:
    for one in node.body:
        if isinstance(one, ast.ClassDef) and one.name == "Config":
            for inner in one.body:
                value = _assigned(inner, "env_prefix")
                if isinstance(value, ast.Constant):
                    return str(value.value)
        value = _assigned(one, "model_config")
        if isinstance(value, ast.Call | ast.Dict):
            return _setting(value, "env_prefix")
    return ""


def _assigned(node: ast.stmt, name: str) -> ast.expr | None:
    if isinstance(node, ast.Assign):
        target = node.targets[0]
        return node.value if isinstance(target, ast.Name) and target.id == name else None
    return None


def _setting(node: ast.Call | ast.Dict, name: str) -> str:
    pairs: list[tuple[object, ast.expr]] = []
    if isinstance(node, ast.Call):
        pairs = [(keyword.arg, keyword.value) for keyword in node.keywords]
    else:
        pairs = [
            (key.value, value)
            for key, value in zip(node.keys, node.values, strict=True)
            if isinstance(key, ast.Constant)
        ]
    found = (v.value for k, v in pairs if k == name and isinstance(v, ast.Constant))
    return str(next(found, ""))


def _field(field: ast.AnnAssign) -> tuple[list[str], str | None, bool]:
    """The names that a field gives itself, its default, and whether it has none."""
    value, annotation = field.value, field.annotation
    calls = [one for one in ast.walk(annotation) if isinstance(one, ast.Call)]
    names: list[str] = []
    default: str | None = None if value is None else ast.unparse(value)
    required = value is None
    if isinstance(value, ast.Call) and ast.unparse(value.func).endswith("Field"):
        calls.append(value)
        first = value.args[0] if value.args else _keyword(value, "default", "default_factory")
        ellipsis = isinstance(first, ast.Constant) and first.value is ...
        required = first is None or ellipsis
        default = None if first is None or ellipsis else ast.unparse(first)
    for call in calls:
        for option in ("validation_alias", "alias", "env"):
            if (given := _keyword(call, option)) is not None and not names:
                names = [
                    one.value
                    for one in ast.walk(given)
                    if isinstance(one, ast.Constant) and isinstance(one.value, str)
                ]
    return names, default, required


def _keyword(node: ast.Call, *names: str) -> ast.expr | None:
    return next((k.value for k in node.keywords if k.arg in names), None)
