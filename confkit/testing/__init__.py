"""Configuration, flags, environment and clock under the control of a test, without pytest.

Each name is a context manager, a decorator of functions and of ``unittest`` classes; the plugin
``pytest_confkit`` gives the same as fixtures and markers of the same names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from confkit.lazy import names as _names

if TYPE_CHECKING:
    from confkit.testing.aws import EscapedClient as EscapedClient
    from confkit.testing.aws import fake_aws as fake_aws
    from confkit.testing.clock import moved_clock as moved_clock
    from confkit.testing.configuration import isolated_config as isolated_config
    from confkit.testing.configuration import override_config as override_config
    from confkit.testing.environment import override_env as override_env
    from confkit.testing.flags import bucket as bucket
    from confkit.testing.flags import find_unit as find_unit
    from confkit.testing.flags import override_flags as override_flags
    from confkit.testing.flags import record_flags as record_flags
    from confkit.testing.redis import fake_redis as fake_redis
    from confkit.testing.redis import fake_redis_server as fake_redis_server
    from confkit.testing.redis_server import RedisServer as RedisServer
    from confkit.testing.secrets import override_secrets as override_secrets

_HOME = {
    "EscapedClient": "confkit.testing.aws",
    "RedisServer": "confkit.testing.redis_server",
    "bucket": "confkit.testing.flags",
    "fake_aws": "confkit.testing.aws",
    "fake_redis": "confkit.testing.redis",
    "fake_redis_server": "confkit.testing.redis",
    "find_unit": "confkit.testing.flags",
    "isolated_config": "confkit.testing.configuration",
    "moved_clock": "confkit.testing.clock",
    "override_config": "confkit.testing.configuration",
    "override_env": "confkit.testing.environment",
    "override_flags": "confkit.testing.flags",
    "override_secrets": "confkit.testing.secrets",
    "record_flags": "confkit.testing.flags",
}

__all__ = sorted(_HOME)
__getattr__, __dir__ = _names(__name__, _HOME)
