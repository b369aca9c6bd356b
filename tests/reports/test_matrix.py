"""Every key by every layer, as text, JSON and HTML."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from confkit import Secret, Values, load


@dataclass(frozen=True)
class Pool:
    size: int = 5
    name: str = "x" * 60


@dataclass(frozen=True)
class Settings:
    debug: bool = False
    key: Secret = Secret("hunter2")
    pool: Pool = field(default_factory=Pool)


CONFIG = load(
    Settings, Values({"pool.size": 6}, name="a"), Values({"pool.size": 7, "debug": True}, name="b")
)


def test_as_text():
    lines = str(CONFIG.explain()).split("\n")
    assert lines[0].split() == ["key", "defaults", "a", "b", "from"]
    assert lines[1].split()[:5] == ["debug", "false", "·", "▲", "true"]
    assert lines[3].split()[:6] == ["pool.size", "5", "6", "▲", "7", lines[3].split()[5]]
    assert "x" * 39 + "…" in lines[4]
    assert len({line.index("from" if i == 0 else line.split()[-1]) for i, line in enumerate(lines)})


def test_as_values_and_json():
    found = json.loads(json.dumps(CONFIG.explain().as_dict()))
    assert (found["settings"], found["layers"]) == ("Settings", ["defaults", "a", "b"])
    size = found["keys"]["pool.size"]
    assert (size["value"], size["winner"]) == (7, "b")
    assert size["sets"] == {"defaults": "5", "a": "6", "b": "7"}
    assert found["keys"]["key"]["sets"] == {"defaults": "***"}
    assert [row.key for row in CONFIG.explain()] == list(CONFIG.snapshot.keys)


def test_as_html():
    html = CONFIG.explain()._repr_html_()
    assert html.startswith("<table><thead><tr><th>key</th>")
    assert "hunter2" not in html


def test_layers_of_one_name_are_told_apart():
    config = load(Settings, Values({"pool.size": 6}), Values({"pool.size": 7}))
    with config.override({"pool.size": 8}), config.override({"pool.size": 9}):
        found = config.explain().as_dict()
    names = ["defaults", "values", "values (2)", "override", "override (2)"]
    assert found["layers"] == names
    assert found["keys"]["pool.size"]["sets"] == dict(zip(names, "56789", strict=True))
    assert found["keys"]["pool.size"]["winner"] == "override (2)"


def test_everything_that_is_set_at_runtime_is_one_layer():
    config = load(Settings, Values({}))
    config.set("pool.size", 1)
    config.set("debug", True)
    assert config.explain().layers == ("defaults", "values", "runtime")
