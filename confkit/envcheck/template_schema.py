"""A template as a schema, for projects without settings in Python.

The types of a ``.env.example`` are those of its comments, else of its values. A ``.env.schema`` is
one of varlock: decorators such as ``# @required @type=port`` in the comment above a name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, make_dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Optional

from confkit.envcheck.envfile import EnvFile, Setting
from confkit.envcheck.options import InvalidOptions
from confkit.near import did_you_mean
from confkit.schema.markers import REQUIRED, Check, Env, Public
from confkit.schema.reading import read_schema
from confkit.schema.tree import Schema
from confkit.secret import Secret

_TYPES: dict[str, Any] = {
    **dict.fromkeys(("int", "integer"), int),
    **dict.fromkeys(("number", "float"), float),
    **dict.fromkeys(("bool", "boolean"), bool),
    **dict.fromkeys(("str", "string", "text", "secret"), str),
    "port": Annotated[int, Check(min=1, max=65535)],
    "url": Annotated[str, Check(regex=r"[A-Za-z][A-Za-z0-9+.-]*://.+")],
    "email": Annotated[str, Check(regex=r"[^@\s]+@[^@\s]+\.[^@\s]+")],
}
#: ``# int``, ``# int; at least 1``, ``# type: int``, ``# Port to listen on (int, required)``
_STATED = re.compile(r"(?i)(?:\A|\btype:\s*|\()(?P<type>" + "|".join(_TYPES) + r")\s*(?=\Z|[;,)])")
_REQUIRED = re.compile(r"(?i)(?:\A|[;,(]\s*)(?P<word>required|optional)\s*(?=\Z|[;,.:)])")
_ONE_OF = re.compile(
    r"(?i)(?:\A|[;,(]\s*)(?:one of|options|values):?\s+(?P<names>[\w.-]+(?:\s*[,|/]\s*[\w.-]+)+)"
)
_CHOICE = re.compile(r"\A(?P<names>[\w.-]+(?:\s*\|\s*[\w.-]+)+)\Z")
_DECORATOR = re.compile(
    r"@(?P<name>[A-Za-z]+)(?:=(?P<value>[\w.-]+(?:\([^)]*\))?|\"[^\"]*\"|'[^']*'))?"
)
_CALL = re.compile(r"(?P<name>\w+)(?:\((?P<arguments>[^)]*)\))?\Z")
_KNOWN = frozenset(
    {"required", "optional", "sensitive", "public", "type", "example", "docs", "docsUrl", "import"}
    | {"defaultRequired", "defaultSensitive", "envFlag", "currentEnv", "generateTypes", "plugin"}
    | {"deprecated", "icon", "disable", "redactLogs", "preventLeaks"}
)
#: Options of varlock's types, as Cerberus calls them.
_OPTIONS = {
    "min": "min",
    "max": "max",
    "minLength": "minlength",
    "maxLength": "maxlength",
    "matches": "regex",
}
_COMMENTED = re.compile(r"#\s*(?:export\s+)?(?P<name>[A-Z][A-Z0-9_]*)=(?P<value>.*)")


@dataclass(frozen=True, slots=True)
class Template:
    """A schema that was read from a file: ``expected`` are the names that the file itself sets."""

    file: str
    schema: Schema
    expected: frozenset[str]


@dataclass
class _Field:
    type: Any = None
    required: bool = False
    sensitive: bool | None = None


def template_schema(path: Path) -> Template:
    """The schema that a template stands for.

    :raises confkit.InvalidSource: when the file cannot be read.
    :raises InvalidOptions: for a decorator or a type that is not known.
    """
    file = EnvFile.load(path)
    varlock = "schema" in path.name
    fields: dict[str, _Field] = {}
    expected = set()
    required = False
    comments: list[str] = []
    settings = {s.statement.start: s for s in file.settings}
    for statement in file.statements:
        if statement.text.startswith(("\n", "\r")) and not varlock:
            comments = []
        if statement.name is None:
            comment = statement.comment.lstrip("# \t").rstrip()
            if varlock and set(comment) == {"-"}:  # the end of the header
                required = _default_required(comments)
                comments = []
            elif not varlock and (match := _COMMENTED.match(statement.comment)):
                fields.setdefault(match["name"], _commented(comments))
                comments = []
            else:
                comments.append(comment)
            continue
        setting = settings.get(statement.start)
        if setting is not None:
            about = [*comments, statement.comment.lstrip("# \t")]
            where = f"{file.name}:{statement.line}"
            made = _decorated(about, where, required=required) if varlock else _commented(about)
            if made.type is None:
                made.type = _of_value(setting)
            fields[setting.name] = made
            expected.add(setting.name)
        comments = []
    return Template(file.name, _schema(fields), frozenset(expected))


def _commented(comments: list[str]) -> _Field:
    made = _Field()
    for comment in comments:
        if match := _STATED.search(comment):
            made.type = _TYPES[match["type"].lower()]
            made.sensitive = True if match["type"].lower() == "secret" else made.sensitive
        if match := _ONE_OF.search(comment) or _CHOICE.match(comment):
            names = [name.strip() for name in re.split(r"[,|/]", match["names"])]
            made.type = Literal[tuple(dict.fromkeys(names))]
        for match in _REQUIRED.finditer(comment):
            made.required = match["word"].lower() == "required"
    return made


def _default_required(header: list[str]) -> bool:
    found = (match for line in header for match in _DECORATOR.finditer(line))
    values = [match["value"] for match in found if match["name"] == "defaultRequired"]
    return values[-1:] == ["true"]


def _decorated(comments: list[str], where: str, *, required: bool) -> _Field:
    made = _Field(required=required)
    for comment in comments:
        if not comment.startswith("@"):
            continue
        for match in _DECORATOR.finditer(comment):
            name, value = match["name"], match["value"]
            on = value != "false"
            if name not in _KNOWN:
                hint = did_you_mean(name, _KNOWN, ": ")
                raise InvalidOptions(f"{where}: there is no @{name}{hint}")
            if name in ("required", "optional"):
                made.required = on if name == "required" else not on
            elif name in ("sensitive", "public"):
                made.sensitive = on if name == "sensitive" else not on
            elif name == "type" and value is not None:
                made.type = _varlock_type(value, where)
    return made


def _varlock_type(text: str, where: str) -> Any:
    match = _CALL.match(text)
    name = match["name"] if match else text
    listed = (match["arguments"] or "") if match else ""
    arguments = [one.strip() for one in listed.split(",") if one.strip()]
    if name == "enum":
        return Literal[tuple(one.strip("\"'") for one in arguments)]
    if name in ("simple-object", "simpleObject", "ip", "semver", "isoDate", "uuid", "md5"):
        return str
    if name not in _TYPES:
        raise InvalidOptions(f"{where}: there is no type {name}{did_you_mean(name, _TYPES, ': ')}")
    rules: dict[str, Any] = {}
    for key, _, value in (one.partition("=") for one in arguments):
        if key in _OPTIONS:
            plain = value.strip("\"'/")
            number = float if "." in plain else int
            rules[_OPTIONS[key]] = plain if key == "matches" else number(plain)
    return Annotated[_TYPES[name], Check(**rules)] if rules else _TYPES[name]


def _of_value(setting: Setting) -> Any:
    value = setting.value
    if value.lower() in ("true", "false"):
        return bool
    if re.fullmatch(r"-?(?:0|[1-9][0-9]{0,14})", value):
        return int
    return str


def _schema(fields: dict[str, _Field]) -> Schema:
    made: list[Any] = []
    for i, (name, field) in enumerate(fields.items()):
        kind = Secret if field.sensitive and field.type in (None, str) else field.type or str
        whole: Any = kind if field.required else Optional[kind]  # noqa: UP045 - made at run time
        whole = Annotated[whole, Env(name, exact=True)]
        if field.sensitive is False:
            whole = Annotated[whole, Public()]
        made.append((f"field_{i}", whole, REQUIRED if field.required else None))
    return read_schema(make_dataclass("Template", made, frozen=True))
