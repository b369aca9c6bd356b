"""A dataclass is read once, and everything wrong with the declaration is said then."""

from dataclasses import InitVar, dataclass, field
from pathlib import Path
from typing import Annotated, Any, ClassVar, Generic, NewType, Optional, TypeVar

import pytest

from confkit import REQUIRED, Check, Doc, Env, RelativePath, Renamed, SchemaError, Secret
from confkit.schema.reading import read_schema

T = TypeVar("T")
Port = NewType("Port", int)


@dataclass(frozen=True)
class Pool:
    size: int = 5
    names: list[str] = field(default_factory=lambda: ["a"])


@dataclass(frozen=True)
class Database:
    url: Secret = Secret("x")
    pool: Pool = field(default_factory=lambda: Pool(size=9))


@dataclass(frozen=True)
class Settings:
    name: Annotated[str, Doc("what"), Check(minlength=1), Doc("it is called")] = "shop"
    key: Annotated[Secret, Env("API_KEY")] = REQUIRED
    port: Annotated[Port, Check(min=1), Check(max=9)] = Port(1)
    limits: dict[str, int] = field(default_factory=dict)
    database: Database = field(default_factory=Database)
    databases: dict[str, Database] = field(default_factory=dict)
    cache: Annotated[Database | None, Env("CACHING"), Doc("if any")] = None
    bare: int = field(kw_only=True)


def make(**annotations: Any) -> type:
    """A frozen settings class whose fields are all required."""
    body = {"__annotations__": annotations, **dict.fromkeys(annotations, REQUIRED)}
    return dataclass(frozen=True)(type("Made", (), body))


def leaf(key: str) -> Any:
    return read_schema(Settings).leaves[key]


def test_leaves_stand_under_dotted_keys():
    schema = read_schema(Settings)
    assert set(schema.leaves) == {
        *("name", "key", "port", "limits", "databases", "bare"),
        *("database.url", "database.pool.size", "database.pool.names"),
        *("cache.url", "cache.pool.size", "cache.pool.names"),
    }
    assert set(schema.sections) == {"database", "database.pool", "cache", "cache.pool"}
    assert schema.name == "Settings"


def test_marks_are_collected():
    assert leaf("name").doc == "what it is called"
    assert leaf("port").rules == {"min": 1, "max": 9}
    assert leaf("key").secret
    assert leaf("databases").secret  # the secret is inside its items
    assert not leaf("name").secret
    assert leaf("limits").open
    assert leaf("databases").items.type is Database
    assert read_schema(Settings).sections["cache"].doc == "if any"


def test_environment_names_follow_the_schema():
    assert leaf("name").env_names == ("NAME",)
    assert leaf("key").env_names == ("API_KEY",)
    assert leaf("database.pool.size").env_names == ("DATABASE_POOL_SIZE", "DATABASE__POOL__SIZE")
    assert leaf("cache.pool.size").env_names == ("CACHING_POOL_SIZE", "CACHING__POOL__SIZE")


def test_defaults_say_who_gave_them():
    """A default inside an instance further up is that instance's word."""
    assert str(leaf("name").default_origin) == "default Settings.name"
    assert (leaf("database.pool.size").default, str(leaf("database.pool.size").default_origin)) == (
        9,
        "default Database.pool",
    )
    assert str(leaf("database.pool.names").default_origin) == "default Pool.names"
    assert leaf("key").required
    assert leaf("bare").required
    assert not leaf("name").required


def test_the_defaults_are_a_layer():
    layer = read_schema(Settings).defaults
    assert layer.name == "defaults"
    assert layer.entries["database.pool.size"].raw == 9
    assert layer.entries["cache"].raw is None
    assert "cache.url" not in layer.entries
    assert "key" not in layer.entries


@pytest.mark.parametrize(
    ("key", "field", "inside"),
    [
        ("databases", "databases", ()),
        ("databases.main.url", "databases", ("main", "url")),
        ('databases."example.com".pool.size', "databases", ("example.com", "pool", "size")),
        ('limits."a.b"', "limits", ("a.b",)),
        ("limits.a.b", "limits", ("a", "b")),
        ("database.pool.size", "database.pool.size", ()),
        ("database.pool.names[1]", "database.pool.names", (1,)),
        ("database.pool", None, ()),
        ("databasesx", None, ()),
    ],
)
def test_a_key_is_placed_in_a_field_by_its_names(key, field, inside):
    leaf, path = read_schema(Settings).place(key)
    assert (leaf and leaf.key, path) == (field, inside)


@pytest.mark.parametrize(
    ("key", "holds"),
    [
        ("databases.x", True),
        ('databases."x.y".pool', True),
        ("databases.x.url", False),
        ("databases.x.pool.size", False),
        ("databases", False),
        ("limits.x", False),
    ],
)
def test_items_of_open_mappings_and_their_sections_are_told_from_fields(key, holds):
    assert read_schema(Settings).holds(key) is holds


def test_find_looks_into_open_mappings():
    schema = read_schema(Settings)
    assert schema.find("limits.a.b").key == "limits"
    assert schema.find('databases."x.y".pool.size').name == "size"
    assert schema.find("databases.x.y.pool.size") is None
    assert schema.find("databases.x.nothing") is None
    assert schema.find("databasesx") is None


def test_a_schema_is_read_once():
    assert read_schema(Settings) is read_schema(Settings)


# -- the many forms of dataclasses ---------------------------------------------------------------


@dataclass(frozen=True)
class Base:
    debug: bool = False
    constant: ClassVar[int] = 3
    derived: int = field(init=False, default=4)
    hint: InitVar[int] = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Child(Base):
    port: int = 1


def test_inherited_fields_count_and_what_no_caller_sets_does_not():
    assert list(read_schema(Child).leaves) == ["debug", "port"]


def test_an_optional_section_in_the_old_spelling():
    settings = make(cache=Optional[Pool])  # noqa: UP045 - the old spelling has to work
    assert read_schema(settings).sections["cache"].optional


# -- refusals ------------------------------------------------------------------------------------


@dataclass
class Thawed:
    a: int = 1


@dataclass(frozen=True)
class Node:
    child: "Node | None" = None


@dataclass(frozen=True)
class Endless:
    child: "Endless"


@dataclass(frozen=True)
class Tree:
    children: "list[Tree]" = field(default_factory=list)


@dataclass(frozen=True)
class Box(Generic[T]):
    value: T


@dataclass(frozen=True)
class Plain:
    password: Secret = "hunter2"  # type: ignore[assignment]


@dataclass(frozen=True)
class Misfit:
    pool: Pool = 5  # type: ignore[assignment]


@dataclass(frozen=True)
class Asking:
    seed: InitVar[int]
    port: int = 1


@dataclass(frozen=True)
class Twice:
    database_url: str = ""
    database: Database = field(default_factory=Database)


@dataclass(frozen=True)
class Missing:
    a: "Nowhere" = 1  # type: ignore[name-defined]  # noqa: F821


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (int, "<class 'int'> is not a dataclass"),
        (Pool(), "is not a dataclass"),
        (Box, "Box.value: ~T has no type here: write it, as in Box[int]"),
        (Thawed, "Thawed is not frozen: write @dataclass(frozen=True)"),
        (make(part=Thawed), "Thawed is not frozen"),
        (Endless, "Endless.child: Endless contains itself, without end"),
        (Missing, "Missing: a type cannot be resolved: name 'Nowhere' is not defined"),
        (Plain, 'Plain.password: write the default as Secret("...")'),
        (Misfit, "Misfit.pool: the default is not a Pool"),
        (Asking, "Asking.seed: an InitVar needs a default"),
        (Twice, "database_url and database.url both claim the environment variable DATABASE_URL"),
        (make(a=Annotated[int, Env("X")], b=Annotated[str, Env("X")]), "a and b both claim"),
        (make(a=Annotated[int, Env("1A")]), "letters, digits and underscores only"),
        (make(a=Annotated[int, Env("A-B")]), "letters, digits and underscores only"),
        (make(a=int, b=Annotated[int, Renamed("a")]), "Renamed('a') is the name of a field"),
        (make(a=Pool, b=Annotated[int, Renamed("a")]), "Renamed('a') is the name of a field"),
        (
            make(a=Annotated[int, Renamed("x")], b=Annotated[int, Renamed("x")]),
            "a and b are both Renamed('x')",
        ),
        (
            make(pool_size=int, b=Annotated[int, Renamed("pool.size")]),
            "Renamed('pool.size') is the name of a field",
        ),
        (make(a=Annotated[Pool, Check(min=1)]), "Made.a: Check says nothing about a nested"),
        (make(a=Annotated[Pool, RelativePath()]), "Made.a: RelativePath() needs a Path"),
    ],
)
def test_what_cannot_work_is_refused_by_name(settings, message):
    with pytest.raises(SchemaError) as caught:
        read_schema(settings)
    assert message in str(caught.value)


def test_a_refused_secret_default_is_not_shown():
    with pytest.raises(SchemaError) as caught:
        read_schema(Plain)
    assert "hunter2" not in str(caught.value)


def test_a_type_that_only_a_function_can_see_is_a_clear_error():
    class Local:
        pass

    settings = make(a="Local")
    with pytest.raises(SchemaError, match="name 'Local' is not defined"):
        read_schema(settings)
    assert Local is not None


def test_odd_metadata_beside_the_marks_is_left_alone():
    settings = make(a=Annotated[int, [], {}, "text"], b=Annotated[Path, RelativePath])
    assert read_schema(settings).leaves["a"].type is int
    assert read_schema(settings).leaves["b"].relative


def test_required_says_its_name():
    assert repr(REQUIRED) == "REQUIRED"
    assert repr(Check(min=1, allowed=[2])) == "Check(min=1, allowed=[2])"


def test_a_generic_class_is_read_for_its_types():
    assert read_schema(Box[int]).leaves["value"].type is int
    assert read_schema(Box[int]) is not read_schema(Box[str])


def test_a_class_may_contain_itself_where_that_ends():
    leaves = read_schema(Node).leaves
    assert leaves["child"].open
    assert set(read_schema(Tree).leaves) == {"children"}


def test_a_default_of_a_subclass_is_a_section_of_the_subclass():
    @dataclass(frozen=True)
    class Wide(Pool):
        more: int = 1

    settings = dataclass(frozen=True)(
        type(
            "Made",
            (),
            {
                "__annotations__": {"pool": Pool},
                "pool": field(default_factory=lambda: Wide(more=2)),
            },
        )
    )
    schema = read_schema(settings)
    assert schema.sections["pool"].type is Wide
    assert schema.leaves["pool.more"].default == 2


def test_an_env_name_inside_a_type_is_refused():
    @dataclass(frozen=True)
    class Item:
        key: Annotated[str, Env("KEY")] = ""

    for kind in (list[Item], dict[str, Item], Item | int):
        with pytest.raises(SchemaError, match=r"Made.a: Env on Item.key names one variable"):
            read_schema(make(a=kind))
    assert read_schema(make(a=Item)).leaves["a.key"].env_names == ("KEY",)
