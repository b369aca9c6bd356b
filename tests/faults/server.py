"""A real redis-server, that tests may freeze, kill and bring back: the one that users get."""

from confkit.testing.redis_server import RedisServer as RedisServer
from confkit.testing.redis_server import binary as binary
from confkit.testing.redis_server import free_port as free_port
