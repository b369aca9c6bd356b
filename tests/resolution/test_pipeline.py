"""The pipeline: layers in, a snapshot or every problem out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confkit import Check, DotEnv, Environ, File, SchemaError, Secret, Values, load, resolve
from confkit.layers import Origin
from confkit.resolution.pipeline import Pipeline
from confkit.schema.reading import read_schema
from confkit.sources.mapping import layer_of


def test_a_pipeline_refuses_a_class_that_cannot_work_before_anything_is_read():
    @dataclass(frozen=True)
    class Bad:
        blob: complex = 0j

    with pytest.raises(SchemaError, match=r"Bad\.blob"):
        Pipeline(read_schema(Bad))


@dataclass(frozen=True)
class Pool:
    size: int = 5


@dataclass(frozen=True)
class Settings:
    name: str = "shop"
    pool: Pool = field(default_factory=Pool)
    spare: Pool | None = None
    items: list[Pool] = field(default_factory=list)


def test_an_overlay_gives_what_resolving_all_layers_gives():
    """The quick way to an override may not differ from the long one."""
    base = load(Settings, Values({"pool.size": 2})).resolution
    pipeline = Pipeline(read_schema(Settings))
    for values in ({"name": "x"}, {"pool.size": 9, "items": [{"size": 1}]}, {"spare.size": 1}):
        layer = Values(values).read()
        quick = pipeline.overlaid(base, layer)
        long = pipeline.resolve([*base.read, layer])
        assert quick.value == long.value
        assert list(quick.settings()) == list(long.settings())


@dataclass(frozen=True)
class Secretive:
    token: Secret = Secret("")
    url: str = ""
    private: Secret = Secret("")
    extra: dict[str, str] = field(default_factory=dict)


def test_what_is_built_from_the_variable_of_a_secret_field_is_secret(tmp_path):
    (tmp_path / ".env").write_text("TOKEN=hunter2\nVIA=x-${TOKEN}\n")
    (tmp_path / "a.yaml").write_text(
        "url: https://x/${VIA}\nprivate: https://x/${TOKEN}\nextra: {a: '1', b: \"${TOKEN}\"}\n"
    )
    sources = [DotEnv(tmp_path / ".env", root=tmp_path), File(tmp_path / "a.yaml", root=tmp_path)]
    resolution = resolve(Secretive, *sources)
    assert {(p.key, p.code) for p in resolution.problems} == {
        ("url", "secret-in-plain"),
        ("extra", "secret-in-plain"),
    }
    shown = str(resolution.matrix()) + "".join(str(resolution.explain(k)) for k in resolution.keys)
    assert "hunter2" not in shown + "".join(map(str, resolution.problems))
    assert resolution.typed("private").reveal() == "https://x/hunter2"


def test_variables_of_other_fields_are_no_secrets(tmp_path):
    (tmp_path / "a.yaml").write_text("url: https://x/${OTHER}")
    found = resolve(Secretive, File(tmp_path / "a.yaml"), Environ(environ={"OTHER": "y"}))
    assert found.value is not None
    assert found.value.url == "https://x/y"


@dataclass(frozen=True)
class Bounds:
    low: Annotated[int, Check(min=0, max=50)] = 1
    high: int = 10

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError("low is above high")


@dataclass(frozen=True)
class Checked:
    pool: Bounds = field(default_factory=Bounds)
    spare: Bounds | None = None
    tls: bool = True
    certificate: Annotated[str, Check(dependencies={"tls": [True]})] = ""
    names: list[Annotated[str, Check(minlength=1)]] = field(default_factory=list)
    limits: dict[str, Annotated[int, Check(max=9)]] = field(default_factory=dict)


RULES = {"tls": {"type": "boolean"}, "names": {"type": "list", "maxlength": 2}}
KEYS: dict[str, st.SearchStrategy[object]] = {
    "pool.low": st.integers(-1, 60),
    "pool.high": st.integers(0, 12),
    "spare": st.none(),
    "spare.low": st.integers(0, 12),
    "tls": st.booleans(),
    "certificate": st.sampled_from(["", "pem"]),
    "names": st.lists(st.sampled_from(["", "a", "b"]), max_size=3),
    "limits": st.dictionaries(st.sampled_from(["a", "b.c"]), st.integers(5, 12), max_size=2),
    "limits.a": st.integers(5, 12),
    "nothing": st.just(1),
}
layers_of_values = st.fixed_dictionaries({}, optional=KEYS)


@given(st.lists(layers_of_values, min_size=1, max_size=4))
def test_layer_by_layer_is_the_same_as_all_at_once(layers):
    """With a schema's rules, dependencies, ``__post_init__``, optional sections, mappings."""
    pipeline = Pipeline(read_schema(Checked), RULES)
    made = [
        layer_of(values, f"layer {number}", Origin("code", "x.py", number))
        for number, values in enumerate(layers)
    ]
    step = pipeline.resolve([])
    assert step.value == Checked()
    for number, layer in enumerate(made, start=1):
        step = pipeline.overlaid(step, layer)
        whole = pipeline.resolve(made[:number])
        assert step.value == whole.value
        assert {(p.key, p.code) for p in step.problems} == {(p.key, p.code) for p in whole.problems}
        if whole.value is not None:
            assert [str(s.entry.origin) for s in step.settings()] == [
                str(s.entry.origin) for s in whole.settings()
            ]
