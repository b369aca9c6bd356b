"""What a settings class consists of: leaves and the sections they stand in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from confkit.errors import SchemaError
from confkit.forking import cached_property
from confkit.keypath import Path, canonical, child, join, name_of, parent, split
from confkit.layers import Entry, Layer, Origin
from confkit.redaction.names import sensitive_name
from confkit.schema.markers import REQUIRED
from confkit.schema.shapes import Shape


@dataclass(frozen=True, eq=False, repr=False)
class Leaf:
    """One field that holds a value: everything known about it before any value arrives."""

    key: str
    type: Any
    owner: type
    name: str
    default: Any  # a value, or REQUIRED
    default_origin: Origin
    env_names: tuple[str, ...]  # the canonical name first
    shape: Shape
    doc: str
    secret: bool
    renamed: tuple[str, ...]
    #: further names of the field in files
    aliases: tuple[str, ...]
    #: whether a relative path in it may start from the directory of a file
    relative: bool
    #: True for Sensitive, False for Public, None where the name decides
    masked: bool | None
    #: the schema of the values of an open mapping of dataclasses: ``dict[str, Database]``
    items: Schema | None
    #: whether a prefix does not go before its environment name
    exact: bool
    #: whether ``Env`` gives its environment name
    named: bool
    #: whether ``NAME_FILE`` may name a file that holds the value
    file: bool

    def __repr__(self) -> str:
        return f"<Leaf {self.key}>"  # without the default: it may be a secret

    @property
    def rules(self) -> Mapping[str, Any]:
        """The rules of its ``Check`` marks."""
        return self.shape.rules

    @property
    def open(self) -> bool:
        """Whether a mapping can be its value, with keys below its own."""
        return self.shape.mapping

    @property
    def place(self) -> str:
        """The class and the field: ``Database.pool_size``."""
        return f"{self.owner.__name__}.{self.name}"

    def variable(self, prefix: str) -> str:
        """Its environment name where variables start with ``prefix``."""
        return self.env_names[0] if self.exact else prefix + self.env_names[0]

    @property
    def mutable(self) -> bool:
        """Whether its value can change in place, as a list or a mapping does."""
        return self.open or any(s.kind == "list" and s.made is not tuple for s in self.shape.walk())

    @property
    def sensitive(self) -> bool:
        """Whether its value is masked: a secret, or by its mark, or by its name."""
        if self.secret or self.masked is not None:
            return self.secret or bool(self.masked)
        return sensitive_name(self.name)

    @property
    def required(self) -> bool:
        """Whether some layer has to set it."""
        return self.default is REQUIRED


@dataclass(frozen=True, eq=False, repr=False)
class Section:
    """One dataclass in the tree: how to build it from leaves and further sections."""

    key: str
    type: type
    leaves: tuple[Leaf, ...]
    sections: tuple[tuple[str, Section], ...]
    env_names: tuple[str, ...]
    #: ``Database | None`` with the default None: None until some layer sets a key below it
    optional: bool = False
    default_origin: Origin | None = None
    doc: str = ""
    #: the dict field that takes keys without a field
    rest: str = ""
    renamed: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    #: whether a prefix does not go before its environment names
    exact: bool = False

    def __repr__(self) -> str:
        return f"<Section {self.key or self.type.__name__}>"

    def walk(self) -> Iterator[Leaf]:
        """Every leaf below, in the order of declaration."""
        yield from self.leaves
        for _, section in self.sections:
            yield from section.walk()

    def below(self) -> Iterator[Section]:
        """This section and every section below it."""
        yield self
        for _, section in self.sections:
            yield from section.below()


@dataclass(frozen=True, eq=False, repr=False)
class Schema:
    """A settings class, read: ``leaves`` by key, and the tree of sections they stand in."""

    type: type
    root: Section
    leaves: Mapping[str, Leaf] = field(init=False)
    sections: Mapping[str, Section] = field(init=False)

    def __repr__(self) -> str:
        return f"<Schema of {self.name}>"

    def __post_init__(self) -> None:
        object.__setattr__(self, "leaves", {leaf.key: leaf for leaf in self.root.walk()})
        object.__setattr__(self, "sections", {s.key: s for s in self.root.below() if s.key})

    @property
    def name(self) -> str:
        """The name of the settings class."""
        return self.type.__name__

    @cached_property
    def variables(self) -> Mapping[str, str]:
        """Environment name -> key, for leaves and for sections given as a JSON object.

        :raises SchemaError: when two fields claim one name.
        """
        claims: dict[str, str] = {}
        for key, names in self._names():
            for name in names:
                if claims.setdefault(name, key) != key:
                    raise SchemaError(
                        f"{self.name}: {claims[name]} and {key} both claim the environment "
                        f'variable {name}; rename one of them with Env("...")'
                    )
        return claims

    @cached_property
    def exact(self) -> frozenset[str]:
        """The environment names that no prefix goes before."""
        parts: list[Leaf | Section] = [*self.leaves.values(), *self.sections.values()]
        exact = {name for part in parts if part.exact for name in part.env_names}
        files = {f"{name}_FILE" for leaf in self.leaves.values() for name in leaf.env_names}
        return frozenset(exact | {name for name in files if name.removesuffix("_FILE") in exact})

    @cached_property
    def files(self) -> Mapping[str, str]:
        """The variables that may name a file which holds a value: ``API_KEY_FILE`` -> key."""
        found: dict[str, str] = {}
        for leaf in self.leaves.values():
            for name in leaf.env_names if leaf.file else ():
                if name + "_FILE" not in self.variables:
                    found[name + "_FILE"] = leaf.key
        return found

    @cached_property
    def renamed(self) -> Mapping[str, str]:
        """Old key -> key."""
        old: dict[str, str] = {}
        parts: list[Leaf | Section] = [*self.leaves.values(), *self.sections.values()]
        for part in parts:
            for one in map(canonical, part.renamed):
                if old.setdefault(one, part.key) != part.key:
                    both = f"{old[one]} and {part.key}"
                    raise SchemaError(f"{self.name}: {both} are both Renamed({one!r})")
        for one, key in old.items():
            name = "_".join(map(str, split(one))).upper()
            if one in self.leaves or one in self.sections or self.variables.get(name, key) != key:
                raise SchemaError(f"{self.name}: Renamed({one!r}) is the name of a field in use")
        return old

    @cached_property
    def defaults(self) -> Layer:
        """The defaults in code: one entry for every leaf that has a default."""
        entries: dict[str, Entry] = {}
        fill_defaults(self.root, entries)
        return Layer("defaults", entries)

    @cached_property
    def mutable(self) -> tuple[str, ...]:
        """The keys whose values can change in place."""
        return tuple(leaf.key for leaf in self.leaves.values() if leaf.mutable)

    def _names(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        for section in self.root.below():
            if section.key:
                yield section.key, section.env_names
            for leaf in section.leaves:
                yield leaf.key, leaf.env_names

    def knows(self, key: str) -> bool:
        """Whether ``key`` is a setting (by an old name too), a section, or an item of a mapping."""
        if key in self.sections or key in self.renamed:
            return True
        if name_of(key).endswith("+"):  # appends to a list
            return self.knows(child(parent(key), name_of(key)[:-1]))
        return self.find(key) is not None or self.holds(key)

    def find(self, key: str) -> Leaf | None:
        """The leaf of ``key``, also inside open mappings (``databases.main.url``)."""
        leaf, inside = self.place(key)
        if leaf is None or not inside or isinstance(inside[0], int):
            return leaf
        if leaf.items is None:
            return leaf if leaf.open else None
        return leaf.items.find(join(*inside[1:])) if len(inside) > 1 else None

    def holds(self, key: str) -> bool:
        """Whether ``key`` is an item, or a section of one, of an open mapping of dataclasses."""
        leaf, inside = self.place(key)
        if leaf is None or leaf.items is None or not inside:
            return False
        rest = join(*inside[1:])
        return not rest or rest in leaf.items.sections or leaf.items.holds(rest)

    def place(self, key: str) -> tuple[Leaf | None, Path]:
        """The field of this class that ``key`` is in, and the path inside its value."""
        if leaf := self.leaves.get(key):
            return leaf, ()
        above = parent(key)
        while above:
            if leaf := self.leaves.get(above):
                return leaf, split(key)[len(split(above)) :]
            above = parent(above)
        return None, ()


def fill_defaults(section: Section, entries: dict[str, Entry]) -> None:
    """Add the defaults of a section and of those below it."""
    for leaf in section.leaves:
        if leaf.default is not REQUIRED:
            entries[leaf.key] = Entry(leaf.default, leaf.default_origin)
    for _, below in section.sections:
        if below.default_origin is not None:
            entries[below.key] = Entry(None, below.default_origin)
        else:
            fill_defaults(below, entries)
