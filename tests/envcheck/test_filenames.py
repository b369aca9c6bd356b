"""What the name of an env file tells, in every usual form."""

from __future__ import annotations

import pytest

from confkit.envcheck.filenames import role


@pytest.mark.parametrize(
    ("name", "environment"),
    [
        (".env", ""),
        (".env.production", "production"),
        (".env-production", "production"),
        (".env_production", "production"),
        ("env.production", "production"),
        ("production.env", "production"),
        ("prod.env", "prod"),
        (".prod.env", "prod"),
        ("deploy/.env.prod.eu", "prod.eu"),
        (".env.PRODUCTION", "production"),
        (".env.my-staging", "my-staging"),
        (".env.production.local", "production"),
        ("docker.env", ""),
        ("redis.env", ""),
        ("app.conf", ""),
        ("environment", ""),
    ],
)
def test_the_environment(name, environment):
    assert role(name).environment == environment
    assert not role(name).template


@pytest.mark.parametrize(
    "name",
    [
        ".env.example", ".env.sample", ".env.template", ".env.dist", ".env.prod.example",
        ".env.local.example", ".env.example.complete", "example.env", ".example.env", "env.example",
        ".env-example", ".env_example", "dotenv.example", ".env.test.sample", ".envrc.example",
        "env.production.template", ".ENV.EXAMPLE", ".env.example.local",
    ],
)  # fmt: skip
def test_templates(name):
    assert role(name).template


@pytest.mark.parametrize("name", [".env.local", ".env.production.local", "local.env", "env.local"])
def test_files_of_one_machine(name):
    assert role(name).local
