"""The rules of a ``Check``, and whole Cerberus schemas, applied by Cerberus.

Types are settled before by coercion; Cerberus judges the typed values. It is imported at the first
check, and no text of its own is shown for a field that holds a secret, since it quotes values.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from functools import cache, cached_property
from pathlib import PurePath
from typing import Any, NamedTuple, get_args

from confkit.errors import SchemaError
from confkit.keypath import join, split
from confkit.redaction import sensitive_name
from confkit.schema.tree import Leaf, Schema, Section
from confkit.secret import Secret

#: Rules by which Cerberus changes a document; values are made by the fields' types here.
_CHANGING = frozenset(
    {"coerce", "default", "default_setter", "purge_unknown", "rename", "rename_handler"}
)
#: Rules that look at other fields, so that a change elsewhere can break them.
_LOOKING_AROUND = frozenset({"dependencies", "excludes"})
Rules = Mapping[str, Any]


class Violation(NamedTuple):
    """One broken rule: the key, the rule's name and what is wrong, without the value."""

    key: str
    rule: str
    message: str


class Checker:
    """The rules of one settings class, with a whole Cerberus schema beside them if one is given.

    :raises SchemaError: for rules that Cerberus does not know, and for rules that change values.
    """

    def __init__(self, schema: Schema, rules: Rules | None = None) -> None:
        self.schema = schema
        self.extra = _own(rules or {})
        self.rules = _declared(schema)
        self._single: dict[str, Any] = {}
        _refuse_changing(self.extra)

    @cached_property
    def _validators(self) -> list[Any]:
        # Validators remember what they judge, so each checker has its own.
        made = [_validator(_compiled(self.schema))] if self.rules else []
        return [*made, _validator(dict(self.extra))] if self.extra else made

    @cached_property
    def looks_around(self) -> bool:
        """Whether a rule on one field depends on others, so that one key cannot be judged alone."""
        return bool(self.extra) or any(
            _LOOKING_AROUND & table.keys() for _, table in _leaf_rules(self.rules, "")
        )

    def check(self, document: Mapping[str, Any]) -> list[Violation]:
        """Every rule that the nested ``document`` of typed values breaks."""
        if not self.rules and not self.extra:
            return []
        plain = _plain(document)
        found: list[Violation] = []
        for validator in self._validators:
            if not validator.validate(plain, normalize=False):
                found.extend(v for v in self._violations(validator) if v not in found)
        return found

    def check_leaf(self, leaf: Leaf, value: Any) -> list[Violation]:
        """Every rule that one typed value breaks; only for rules that do not look around."""
        if leaf.key in self._single:
            validator = self._single[leaf.key]
        else:
            table = _rules_of(leaf)
            # A dotted key would be read as a path, so one fixed name stands for the leaf.
            validator = self._single[leaf.key] = _validator({"": table}) if table else None
        if validator is None or validator.validate({"": _plain(value)}, normalize=False):
            return []
        return list(self._violations(validator, leaf.key))

    def _violations(self, validator: Any, only: str = "") -> Iterator[Violation]:
        for error in _leaves_of(validator._errors):  # noqa: SLF001 - the structured errors
            path: list[Any] = list(error.document_path)
            if only:
                path[:1] = split(only)
            key = join(*path)
            yield Violation(key, _rule(error), _message(error, self._leaf(path)))

    def _leaf(self, path: list[str | int]) -> Leaf | None:
        """The field that the value at ``path`` stands in: itself, or a list further up."""
        ends = range(len(path), 0, -1)
        return next((leaf for end in ends if (leaf := self.schema.find(join(*path[:end])))), None)


def _own(rules: Rules) -> dict[str, Any]:
    return {
        key: dict(table) if isinstance(table, Mapping) else table for key, table in rules.items()
    }


@cache
def _declared(schema: Schema) -> Rules:
    """The rules that the fields declare, as a Cerberus schema."""
    rules = _tree(schema.root)
    _refuse_changing(rules)
    return rules


@cache
def _compiled(schema: Schema) -> Any:
    """The same as Cerberus keeps them once it has judged the rules, which is slow, and once."""
    return _validator(dict(_declared(schema))).schema


def _tree(section: Section) -> dict[str, Any]:
    """The Cerberus schema of a section: only fields with rules, nothing said of the others."""
    rules: dict[str, Any] = {}
    for leaf in section.leaves:
        if table := _rules_of(leaf):
            rules[leaf.name] = table
    for name, child in section.sections:
        if inside := _tree(child):
            rules[name] = {"schema": inside, "nullable": True}
    return rules


def _rules_of(leaf: Leaf) -> dict[str, Any]:
    rules = dict(leaf.rules)
    if leaf.items is not None and (inside := _tree(leaf.items.root)):
        rules.setdefault("valuesrules", {"schema": inside})
    elif (item := _item_class(leaf.type)) is not None and (inside := _tree(item.root)):
        rules.setdefault("schema", {"schema": inside})
    if rules and type(None) in get_args(leaf.type):
        rules.setdefault("nullable", True)
    return rules


def _item_class(annotation: Any) -> Schema | None:
    from confkit.schema.reading import read_schema

    for inner in get_args(annotation):
        if isinstance(inner, type) and dataclasses.is_dataclass(inner):
            return read_schema(inner)
    return None


def _leaf_rules(rules: Rules, prefix: str) -> Iterator[tuple[str, Rules]]:
    for key, table in rules.items():
        if isinstance(table, Mapping):
            yield prefix + key, table
            inside = table.get("schema")
            if isinstance(inside, Mapping) and all(isinstance(v, Mapping) for v in inside.values()):
                yield from _leaf_rules(inside, f"{prefix}{key}.")


def _refuse_changing(rules: Rules) -> None:
    for key, table in _leaf_rules(rules, ""):
        if changing := sorted(_CHANGING & table.keys()):
            raise SchemaError(
                f"{key}: the rule {changing[0]!r} would change the value; "
                "give the field a type or a default instead"
            )


def _validator(rules: Any) -> Any:
    import cerberus

    try:
        return cerberus.Validator(rules, allow_unknown=True)
    except cerberus.SchemaError as error:
        raise SchemaError(f"rules that Cerberus does not take: {error}") from None


_AS_THEY_ARE = frozenset({str, int, float, bool, type(None)})


def _plain(value: Any) -> Any:
    """The value as Cerberus knows it: text for secrets, paths and enums, dicts for dataclasses."""
    if type(value) in _AS_THEY_ARE:
        return value
    if isinstance(value, str | int | float):
        return value.value if isinstance(value, Enum) else value
    if isinstance(value, Secret):
        return value.reveal()
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, PurePath):
        return str(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    return value


def _leaves_of(errors: Any) -> Iterator[Any]:
    for error in errors:
        # The errors inside a collection, not those inside the alternatives of an *of rule.
        if error.child_errors and error.is_group_error and not error.is_logic_error:
            yield from _leaves_of(error.child_errors)
        else:
            yield error


_SAYS: dict[str, Callable[[Any], str]] = {
    "min": lambda c: f"must be at least {c}",
    "max": lambda c: f"must be at most {c}",
    "minlength": lambda c: f"must be at least {c} long",
    "maxlength": lambda c: f"must be at most {c} long",
    "allowed": lambda c: f"must be one of {', '.join(map(str, c))}",
    "forbidden": lambda _: "has a value that is not allowed",
    "regex": lambda c: f"must match the pattern {c}",
    "empty": lambda _: "must not be empty",
    "nullable": lambda _: "must not be null",
    "required": lambda _: "is required",
    "type": lambda c: f"must be of the type {c if isinstance(c, str) else ' or '.join(c)}",
    "dependencies": lambda c: f"needs {', '.join(c) if not isinstance(c, str) else c} to be set",
    "excludes": lambda c: f"cannot stand beside {', '.join(c) if not isinstance(c, str) else c}",
    "contains": lambda _: "lacks a value that must be among them",
}


def _message(error: Any, leaf: Leaf | None) -> str:
    rule = _rule(error)
    if rule == "allowed" and leaf is not None and leaf.secret:
        return "is none of the allowed values"  # each of which is as secret as this one
    if says := _SAYS.get(rule):
        return says(error.constraint)
    if rule == "check_with":
        # A checker's own words may quote the value; only ours are known not to.
        checker = leaf.rules.get("check_with") if leaf is not None else None
        if isinstance(checker, url) or not (
            leaf is not None and (leaf.secret or sensitive_name(leaf.name))
        ):
            return str(error.info[0])
    return f"breaks the rule {rule!r}"


def _rule(error: Any) -> str:
    # What a check_with function reports comes as an error without a rule.
    return str(error.rule or "check_with")


class url:  # noqa: N801 - reads as a rule where it is used: Check(check_with=url("redis"))
    """A ``check_with`` that parses a URL: ``url("postgresql", "mysql", "sqlite")``.

    The scheme is one of ``schemes``, also with a driver (``postgresql+psycopg``) or with TLS
    (``rediss``); network databases need a host and a port that is a number from 1 to 65,535;
    SQLite takes a path and no host; Redis databases are numbers. No message quotes the URL.
    """

    # Texts, compiled at their first use: not every program checks URLs.
    _SCHEME = r"(?is)([a-z][a-z0-9.-]*)(\+[a-z0-9_.-]+)?://(.*)\Z"
    _HOST = r"(?:\[[0-9A-Fa-f:.%]+\]|[^\s:/?#@\[\]]+)\Z"
    _TLS = {"rediss": "redis", "https": "http"}  # noqa: RUF012 - a constant

    def __init__(self, *schemes: str) -> None:
        if not schemes:
            raise TypeError('url() takes the schemes to allow: url("postgresql", "sqlite")')
        self.schemes = schemes

    def __repr__(self) -> str:
        return f"url({', '.join(map(repr, self.schemes))})"

    def __call__(self, field: str, value: Any, error: Callable[[str, str], None]) -> None:
        """Report to Cerberus what is wrong with ``value``, if anything is."""
        if value is not None and (wrong := self.fault(value)):
            error(field, wrong)

    def fault(self, value: Any) -> str:
        """What is wrong with the URL, in words that do not quote it; empty if nothing is."""
        match = re.match(self._SCHEME, value) if isinstance(value, str) else None
        expected = ", ".join(f"{scheme}://" for scheme in self.schemes)
        if match is None:
            return f"is not a URL ({expected})"
        scheme = match[1].lower()
        base = self._TLS.get(scheme, scheme)
        if scheme not in self.schemes and base not in self.schemes:
            return f"must start with {' or '.join(expected.split(', '))}"
        if any(ch.isspace() or ord(ch) < 32 for ch in match[3]):
            return "holds white space or a control character"
        authority, slash, rest = re.match(r"([^/?#]*)(/?)(.*)\Z", match[3], re.DOTALL).groups()  # type: ignore[union-attr]
        if base == "sqlite":
            if authority:
                return "has a host, and SQLite takes a path: sqlite:///app.db"
            return ""
        return self._network(base, authority, rest if slash else "")

    def _network(self, scheme: str, authority: str, path: str) -> str:
        place = authority.rpartition("@")[2]
        host, port = place, ""
        if match := re.match(r"(\[[^\]]*\]|[^:]*):(.*)\Z", place):
            host, port = match[1], match[2]
        if not host:
            # libpq takes an empty host for the local socket.
            return "" if scheme == "postgresql" and path else "has no host"
        if not re.match(self._HOST, host):
            return "has a host that cannot be one"
        if ":" in place and port == "" and not place.startswith("["):
            return "has a colon and no port"
        if port and not (port.isascii() and port.isdigit() and 0 < int(port[:6]) < 65536):
            return "has a port that is no number from 1 to 65535: is a / in the password unescaped?"
        database = re.split(r"[?#]", path, maxsplit=1)[0]
        if scheme == "redis" and database and not database.isdigit():
            return "has a database that is no number"
        return ""
