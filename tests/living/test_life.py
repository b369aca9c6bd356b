"""What runs beside a snapshot: the watch, and gradual values."""

from __future__ import annotations

import gc
import math
import sys
import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from confkit import Directory, Environ, File, Secret, SecretError, load
from confkit.living import reloading
from confkit.resolution.gradual import share


@dataclass(frozen=True)
class Small:
    name: str = "one"


@dataclass(frozen=True)
class Held:
    name: str = "one"
    token: Secret = Secret("")


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 5
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_a_watch_runs_until_it_is_stopped(config, path):
    with config.watch(poll=0.05) as watch:
        path.write_text("name: two\n")
        assert watch.status.mode in ("events", "polling")
        until(lambda: config.current.name == "two" or config.status.watch.waiting > 0)
    assert config.status.watch.mode == "stopped"
    again = config.watch(poll=0.05)
    again.stop()
    again.stop()


def test_a_conventional_file_that_appears_later_is_found(project, tmp_path):
    config = project({"config.yaml": "name: one\n"})
    with config.watch(poll=0.05):
        (tmp_path / "config.local.yaml").write_text("name: local\n")
        until(lambda: config.current.name == "local")
        (tmp_path / ".env").write_text("NAME=env\n")
        until(lambda: config.current.name == "env")
    (tmp_path / ".env.local").write_text("NAME=mine\n")
    config.reload()
    assert config.current.name == "mine"


def test_a_file_is_gone_only_when_it_is_reloaded_by_hand(project, tmp_path):
    config = project({"config.yaml": "name: one\n", "config.local.yaml": "name: local\n"})
    with config.watch(poll=0.05, settle=0.1):
        (tmp_path / "config.local.yaml").unlink()
        until(lambda: config.status.error is not None)
        assert config.current.name == "local"
        config.reload()
        assert config.current.name == "one"
        assert config.status.error is None


def test_a_directory_of_secrets_is_watched(tmp_path):
    (tmp_path / "name").write_text("one")
    config = load(Small, Directory(tmp_path), Environ(environ={}))
    with config.watch(poll=0.05):
        (tmp_path / "name").write_text("two")
        until(lambda: config.current.name == "two")


def test_a_gradual_value_is_decided_by_the_instance(config, path):
    reference = "pool@50%:new|old"
    path.write_text(f"name: ${{rollout:{reference}}}\n")
    environ = {"CONFKIT_INSTANCE": "web-7"}
    loaded = load(type(config.current), File(path), Environ(environ=environ))
    decided = share(reference, "web-7")
    assert loaded.current.name == decided.value
    assert loaded.status.gradual == {"name": decided}
    assert "web-7" in str(loaded.status.as_dict()["gradual"])


def test_a_configuration_that_nobody_holds_is_freed_at_once(tmp_path):
    gc.disable()
    try:
        config = load(Small, File(tmp_path / "config.yaml", optional=True), Environ(environ={}))
        config.subscribe(lambda _: None)
        config.set("name", "two")
        assert config.status.healthy
        gone = weakref.ref(config)
        del config
        assert gone() is None
    finally:
        gc.enable()


def test_the_file_that_a_variable_names_is_watched(tmp_path):
    (tmp_path / "token").write_text("one")
    environ = {"TOKEN_FILE": str(tmp_path / "token")}
    config = load(Held, Environ(environ=environ))
    with config.watch(poll=0.05):
        (tmp_path / "token").write_text("two")
        until(lambda: config.current.token.reveal() == "two")


def test_another_environment_in_the_env_file_is_followed(project, tmp_path):
    config = project(
        {
            ".env": "ENVIRONMENT=production\n",
            "config/production.yaml": "name: p\n",
            "config/staging.yaml": "name: s\n",
        }
    )
    with config.watch(poll=0.05):
        (tmp_path / ".env").write_text("ENVIRONMENT=staging\n")
        until(lambda: config.current.name == "s")
        (tmp_path / ".env").write_text("ENVIRONMENT=../x\n")
        until(lambda: config.status.error is not None)
        assert config.current.name == "s"
        (tmp_path / ".env").write_text("ENVIRONMENT=production\n")
        until(lambda: config.current.name == "p")
        assert config.status.watch.failures == 0


def test_a_rollback_keeps_the_watch_from_nothing(project, tmp_path):
    config = project({"config.yaml": "name: one\n", "config.local.yaml": "name: local\n"})
    (tmp_path / "config.local.yaml").unlink()
    config.reload()
    config.rollback(1)
    assert config.current.name == "local"
    with config.watch(poll=0.05, settle=0.1):
        (tmp_path / "config.yaml").write_text("name: two\n")
        until(lambda: config.current.name == "two")


def test_a_resolver_that_fails_for_a_while_is_asked_again(tmp_path, monkeypatch):
    monkeypatch.setattr(reloading, "RETRY", 0.1)
    vault = Vault()
    path = tmp_path / "config.yaml"
    path.write_text("token: ${vault:x}\n")
    config = load(Held, File(path), Environ(environ={}), resolvers={"vault": vault})
    with config.watch(poll=0.05):
        vault.down, vault.number = True, 2
        until(lambda: config.status.error is not None)
        assert config.current.token.reveal() == "1"
        vault.down = False
        until(lambda: config.current.token.reveal() == "2" and config.status.healthy)
        vault.number = 3
        until(lambda: config.current.token.reveal() == "3")


def test_a_version_that_raises_blinds_no_watch(tmp_path):
    vault = Vault()
    vault.blind = True
    path = tmp_path / "config.yaml"
    path.write_text("token: ${vault:x}\n")
    config = load(Held, File(path), Environ(environ={}), resolvers={"vault": vault})
    with config.watch(poll=0.05):
        path.write_text("token: ${vault:x}\nname: two\n")
        until(lambda: config.current.name == "two")
        assert config.status.watch.failures == 0


def test_watches_have_their_own_arguments_and_end_by_themselves(config, path):
    with config.watch(poll=0.05):
        with config.watch(poll=0.05):
            pass
        path.write_text("name: two\ndatabase:\n  pool_size: 1\n")
        until(lambda: config.current.name == "two")
        for wrong in ({"poll": 0}, {"poll": math.nan}, {"settle": -1}, {"settle": math.nan}):
            with pytest.raises(ValueError, match=next(iter(wrong))):
                config.watch(**wrong)
        assert config.status.watch.mode != "stopped"


def test_a_subscriber_that_wants_to_exit_ends_no_watch(config, path):
    undo = config.subscribe(lambda _: sys.exit(3))
    with config.watch(poll=0.05):
        path.write_text("name: two\ndatabase:\n  pool_size: 1\n")
        until(lambda: config.status.watch.failures == 1)
        undo()
        path.write_text("name: three\ndatabase:\n  pool_size: 1\n")
        until(lambda: config.current.name == "three")


class Vault:
    """A resolver that can be down, and whose versions cannot be told."""

    secret = True
    down = blind = False
    number = 1

    def resolve(self, _: str) -> str:
        if self.down:
            raise SecretError("down")
        return str(self.number)

    def version(self, _: str) -> str:
        if self.blind:
            raise OSError("a text of somebody else's")
        return str(self.number)
