"""The status of a configuration."""

from __future__ import annotations

import json

import pytest

from confkit import InvalidConfig
from confkit.errors import Problem
from confkit.layers import Origin
from confkit.living.status import ReloadError


def test_a_fresh_configuration_is_well(config):
    status = config.status
    assert (status.version, status.failures, status.error) == (1, 0, None)
    assert status.healthy
    assert status.watch.mode == "stopped"
    json.dumps(status.as_dict())


def test_an_error_names_every_problem():
    problems = (Problem("a", "is bad", Origin("file", "x.yaml", 2, 3)), Problem("b", "is worse"))
    assert str(ReloadError(0.0, problems)) == "a: is bad (x.yaml:2:3); b: is worse"


def test_a_reload_by_hand_that_fails_is_in_the_status_until_one_is_right(config, path):
    path.write_text("name: [")
    for _ in range(2):
        with pytest.raises(InvalidConfig):
            config.reload()
    status = config.status
    assert (status.version, status.failures, status.healthy) == (1, 1, False)
    assert "YAML" in str(status.error)
    json.dumps(status.as_dict())
    path.write_text("name: two\n")
    config.reload()
    assert config.status.healthy
