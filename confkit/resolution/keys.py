"""From a source's own spelling to keys: variables and options, old names, and near misses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from confkit.errors import Problem
from confkit.excerpt import excerpt
from confkit.keypath import below, canonical, child, join, leaves, name_of, parent, split
from confkit.layers import Entry, Layer
from confkit.near import did_you_mean, near
from confkit.schema.tree import Leaf, Schema
from confkit.schema.type_hints import takes_bool

#: Looking for what was meant takes time, and nobody reads on behind this many unknown keys.
MOST_HINTS = 50


class Keyed(NamedTuple):
    """A layer whose entries are all under keys of the settings, and what did not fit."""

    layer: Layer
    problems: list[Problem]
    warnings: list[str]


def keyed(layer: Layer, schema: Schema) -> Keyed:
    """Spell every entry's key as the settings do; unknown keys become problems.

    Unknown environment variables do not: others share the environment.
    """
    problems: list[Problem] = []
    warnings: list[str] = []
    entries = layer.entries
    if layer.spelling == "variables":
        entries = _from_variables(entries, schema, warnings, layer.prefix)
    elif layer.spelling == "options":
        entries = _from_options(entries, schema, problems)
    leaves = schema.leaves
    if not entries.keys() <= leaves.keys():
        entries = _fitting(layer, entries, schema, problems, warnings)
    if entries is layer.entries:
        return Keyed(layer, problems, warnings)
    made = Layer(layer.name, entries, base=layer.base, text=layer.text, prefix=layer.prefix)
    return Keyed(made, problems, warnings)


# -- environment variables -----------------------------------------------------------------------


def _from_variables(
    variables: Mapping[str, Entry], schema: Schema, warnings: list[str], prefix: str
) -> dict[str, Entry]:
    entries: dict[str, Entry] = {}
    whole: dict[str, Entry] = {}
    known = schema.variables
    for name, entry in variables.items():
        key = known.get(name)
        if key is None:
            continue
        leaf = schema.leaves.get(key)
        if leaf is None or (leaf.open and str(entry.raw).lstrip().startswith("{")):
            whole.update(_section_in_json(key, entry))
        elif key not in entries or name == leaf.env_names[0]:
            entries[key] = entry
    for leaf in schema.leaves.values():
        if leaf.open:
            entries.update(_open(leaf, variables))
    # A variable for one key is a closer word on it than one for the whole section.
    entries = {**whole, **entries}
    for old, new in schema.renamed.items():
        name = old.replace(".", "_").upper()
        if name in variables and new not in entries:
            entries[new] = variables[name]
            current = prefix + schema.leaves[new].env_names[0]
            warnings.append(_renamed(prefix + name, current, variables[name]))
    return entries


def _open(leaf: Leaf, variables: Mapping[str, Entry]) -> dict[str, Entry]:
    """``DATABASES__MAIN__POOL_SIZE`` names ``databases.main.pool_size``."""
    found = {}
    for prefix in leaf.env_names:
        for name, entry in variables.items():
            if name.startswith(prefix + "__"):
                path = name[len(prefix) + 2 :].lower().split("__")
                if all(path):
                    found[below(leaf.key, join(*path))] = entry
    return found


def _section_in_json(key: str, entry: Entry) -> dict[str, Entry]:
    """A whole section given as one JSON object; anything else under its name is not ours."""
    text = entry.raw
    if not isinstance(text, str) or not text.lstrip().startswith("{"):
        return {}
    import json  # a section in one variable is rare

    try:
        table = json.loads(text)
    except (ValueError, RecursionError):
        return {key: entry}  # reported as a section that is no mapping
    return {
        inner: Entry(value, entry.origin, '"' if isinstance(value, str) else "", entry.literal)
        for inner, _, value in leaves(table, f"{key}.")
    }


def unknown_variables(layer: Layer, schema: Schema) -> list[Problem]:
    """Variables that name no field: for a check, since others share the environment."""
    prefixes = tuple(
        p + "__" for leaf in schema.leaves.values() if leaf.open for p in leaf.env_names
    )
    problems = []
    for name, entry in layer.entries.items():
        if name in schema.variables or (prefixes and name.startswith(prefixes)):
            continue
        hint = did_you_mean(name, schema.variables)
        problems.append(Problem(name, "names no setting", entry.origin, hint, "unknown-variable"))
    return problems


# -- options and keys ----------------------------------------------------------------------------


def _from_options(
    options: Mapping[str, Entry], schema: Schema, problems: list[Problem]
) -> dict[str, Entry]:
    entries: dict[str, Entry] = {}
    for option, entry in options.items():
        key = _option_key(option, schema)
        if schema.find(key) is None and entry.raw is True and key.startswith("no_"):
            negated = schema.find(key[3:])
            if negated is not None and negated.type is bool:
                key, entry = key[3:], entry._replace(raw=False)
        leaf = schema.find(key)
        if entry.raw is True and leaf is not None and not takes_bool(leaf.type):
            hint = f"write --{option} VALUE"
            problems.append(Problem(key, "takes a value", entry.origin, hint, "argument"))
            continue
        if leaf.open if leaf is not None else key in schema.sections:
            entries.update(_section_in_json(key, entry) or {key: entry})
        else:
            entries[key] = entry
    return entries


def _option_key(option: str, schema: Schema) -> str:
    """The key of an option: a dash in the name of a field or section stands for an underscore."""
    key = canonical(option)
    spelled = ""
    path = split(key)
    for at, step in enumerate(path):
        here = child(spelled, step)
        if isinstance(step, str) and here not in schema.leaves and here not in schema.sections:
            here = child(spelled, step.replace("-", "_"))
        spelled = here
        leaf = schema.leaves.get(spelled)
        if leaf is not None and leaf.items is None:
            return below(spelled, join(*path[at + 1 :]))
        if leaf is not None and leaf.items is not None and at + 2 < len(path):
            inner = _option_key(join(*path[at + 2 :]), leaf.items)
            return below(child(spelled, path[at + 1]), inner)
    return spelled


def _fitting(
    layer: Layer,
    entries: Mapping[str, Entry],
    schema: Schema,
    problems: list[Problem],
    warnings: list[str],
) -> dict[str, Entry]:
    fitting: dict[str, Entry] = {}
    unknown = 0
    for key, entry in entries.items():
        if key in schema.leaves:
            fitting[key] = entry
        elif key in schema.renamed:
            new = schema.renamed[key]
            warnings.append(_renamed(key, new, entry))
            if new not in entries:
                fitting[new] = entry
        elif key in schema.sections:
            section = schema.sections[key]
            if entry.raw is None or entry.raw == {}:
                # "database:" with nothing below it says nothing, unless None is a value there.
                if section.optional:
                    fitting[key] = entry
            else:
                broken = isinstance(entry.raw, str) and entry.raw.lstrip().startswith("{")
                what = "is not a mapping in JSON" if broken else "a mapping is expected"
                problems.append(
                    Problem(
                        key,
                        f"{what} ({section.type.__name__})",
                        entry.origin,
                        code="type",
                        excerpt=excerpt(layer, entry.origin, "…"),
                    )
                )
        elif schema.find(key) is not None:
            fitting[key] = entry
        elif (entry.raw is None or entry.raw == {}) and schema.holds(key):
            fitting[key] = entry._replace(raw={})
        else:
            unknown += 1
            hint = shown = ""
            if unknown <= MOST_HINTS:
                hint = _meant(key, schema)
                # Without the value: a misspelt name may be that of a secret.
                shown = excerpt(layer, entry.origin, "…")
            problems.append(
                Problem(key, "is no setting", entry.origin, hint, "unknown-key", excerpt=shown)
            )
    return fitting


def _renamed(old: str, new: str, entry: Entry) -> str:
    return f"{old} is now called {new} ({entry.origin})"


def _meant(key: str, schema: Schema) -> str:
    names = [*schema.leaves, *schema.sections]
    leaf, inside = schema.place(key)
    if leaf is not None and leaf.items is not None:
        item = child(leaf.key, inside[0])
        names += [below(item, inner) for inner in leaf.items.leaves]
    dotted = canonical(str(split(key)[0]))
    if "." in dotted and (schema.find(dotted) or schema.holds(dotted)):
        return f"a dot is part of a name here: write {name_of(dotted)} below {parent(dotted)}"
    meant = near(key, names)
    if not meant:
        last = name_of(key)
        same = [name for name in names if name_of(name) == last]
        meant = same[0] if len(same) == 1 else ""
    return f"did you mean {meant}?" if meant else ""
