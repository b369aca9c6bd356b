"""An environment that a test chooses: its files, its name, and everything as before at the end."""

from __future__ import annotations

import inspect
import weakref
from dataclasses import dataclass

import pytest

from confkit import InvalidConfig, Values, load
from confkit.live import apart
from confkit.overlays import configs
from confkit.overriding import active
from confkit.testing import override_config


@dataclass(frozen=True)
class Deployed:
    environment: str = "development"
    port: int = 80


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    """No configuration of another test's module is asked for files that it does not have."""
    monkeypatch.setattr(configs, "_objects", weakref.WeakSet())


@pytest.fixture
def deployed(tmp_path):
    (tmp_path / "config").mkdir()
    for name, port in (("development", 1), ("production", 2), ("staging", 3)):
        (tmp_path / "config" / f"{name}.yaml").write_text(f"port: {port}\n")
    return lambda: load(Deployed, root=tmp_path, environ={})


def test_another_environment_has_its_files_and_its_name(deployed):
    others = active()  # other tests' own
    mine, plain = deployed(), load(Deployed, Values({"port": 5}))
    line = inspect.currentframe().f_lineno + 1
    with override_config({"port": 9}, layer="defaults", environment="production") as change:
        assert (mine.current, deployed().current) == (Deployed("production", 2),) * 2
        assert str(mine.explain("environment").origin).endswith(
            f"test_forced_environments.py:{line}"
        )
        assert change.what == "the environment production"
        with override_config(environment="staging"), override_config({"port": 7}):
            assert mine.current == Deployed("staging", 7)
        assert mine.current == Deployed("production", 2)
        later = deployed()
        assert plain.current == Deployed("development", 5), "it has no files"
    assert mine.current == later.current == Deployed("development", 1)
    assert mine.status.failures == 0
    assert active() == others


def test_the_end_of_an_environment_brings_back_what_was_read(deployed, tmp_path):
    mine = deployed()
    (tmp_path / "config" / "development.yaml").write_text("port: 4\n")
    first, second = (override_config(environment=name) for name in ("production", "staging"))
    first.apply()
    second.apply()
    first.remove()
    assert mine.current.port == 3
    second.remove()
    assert mine.current.port == 1, "and nothing new"
    mine.reload()
    assert mine.current.port == 4


def test_an_environment_of_one_configuration(deployed):
    mine, other = deployed(), deployed()
    with override_config(environment="production", config=mine):
        assert (mine.current.port, other.current.port, deployed().current.port) == (2, 1, 1)
    assert mine.current.port == 1
    with pytest.raises(ValueError, match="sources of its own"):
        override_config(environment="production", config=load(Deployed, Values({})))


def test_an_environment_that_cannot_be_is_refused_and_leaves_nothing(deployed, tmp_path):
    others = active()  # other tests' own
    mine = deployed()
    (tmp_path / "config" / "broken.yaml").write_text("port: many\n")
    for name, message in (("prodution", "did you mean production"), ("broken", "port")):
        with pytest.raises(InvalidConfig, match=message):
            override_config(environment=name).apply()
        assert mine.current.port == 1
        assert deployed().current.port == 1
    with pytest.raises(InvalidConfig):
        override_config({"port": "many"}, environment="production").apply()
    assert mine.current == Deployed("development", 1)
    with pytest.raises(ValueError, match="no name of an environment"):
        override_config(environment="../etc")
    with pytest.raises(TypeError, match="or environment="):
        override_config()
    with pytest.raises(InvalidConfig, match=r"override_config\(environment="):
        override_config({"environment": "production"}).apply()
    assert active() == others


def test_what_is_made_apart_is_in_its_own_environment(deployed):
    with apart():
        mine = deployed()
    with override_config(environment="production"):
        mine.reload()
        assert mine.current.port == 1


def test_a_configuration_that_cannot_be_without_it_has_no_settings(deployed, tmp_path):
    (tmp_path / "config" / "development.yaml").write_text("port: many\n")
    with override_config(environment="production"):
        mine = deployed()
    with pytest.raises(InvalidConfig, match="port"):
        _ = mine.current
