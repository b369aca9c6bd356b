"""Templates as schemas: types from comments and values, and varlock's decorators."""

from __future__ import annotations

import pytest

from confkit.envcheck.checking import Checks
from confkit.envcheck.envfile import EnvFile
from confkit.envcheck.options import InvalidOptions, Options
from confkit.envcheck.template_schema import template_schema

EXAMPLE = """\
# Port to listen on (int, required)
PORT=
# one of: debug, info, warning
LOG_LEVEL=info
# development | production
MODE=development
DEBUG=false
WORKERS=4
ZIP=01234
NAME=shop
# optional
SENTRY_DSN=
# int; at least 1
# TIMEOUT=30
# A number of things are set here, and the string is long.
TEXT=some text
"""
SCHEMA = """\
# This is the header
# @defaultRequired=false @defaultSensitive=false
# ---

# The port
# @required @type=port
PORT=
# @type=enum(debug, info)
LOG_LEVEL=info
# @sensitive @required
API_KEY=
# @type=number(min=1, max=10)
WORKERS=4
# @public
KEY_NAME=x
# @type=string(minLength=3)
NAME=
# @type=url
URL=
# @type=boolean @optional
DEBUG=
"""


def codes(tmp_path, template: str, text: str, name: str = ".env.example") -> list[tuple[str, int]]:
    path = tmp_path / name
    path.write_text(template)
    checks = Checks(Options(), [template_schema(path)], environ={})
    return [(f.code, f.line) for f in checks.of(EnvFile("app.env", text))]


FULL = (
    "PORT=80\nLOG_LEVEL=info\nMODE=production\nDEBUG=true\nWORKERS=2\nZIP=x\nNAME=y\nSENTRY_DSN=\n"
)
FULL += "TEXT=z\n"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("", None),
        ("TIMEOUT=5\n", None),
        ("TIMEOUT=soon\n", "WrongType"),
        ("PORT=http\n", "WrongType"),
        ("LOG_LEVEL=loud\n", "WrongType"),
        ("MODE=test\n", "WrongType"),
        ("DEBUG=maybe\n", "WrongType"),
        ("WORKERS=many\n", "WrongType"),
        ("WORKERS=\n", None),
        ("WROKERS=4\n", "UnknownName"),
    ],
)
def test_a_file_against_an_example(tmp_path, line, code):
    name = line.partition("=")[0]
    text = "".join(one + "\n" for one in FULL.splitlines() if one.split("=")[0] != name) + line
    found = [c for c, _ in codes(tmp_path, EXAMPLE, text)]
    assert found == ([code] if code else [])


def test_names_that_the_template_sets_are_expected(tmp_path):
    found = codes(tmp_path, EXAMPLE, "PORT=80\n")
    assert found == [("DifferentKeys", 1)]
    assert ("MissingRequired", 1) in codes(tmp_path, EXAMPLE, "NAME=x\n")


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("PORT=70000", "RuleViolation"),
        ("PORT=x", "WrongType"),
        ("LOG_LEVEL=loud", "WrongType"),
        ("WORKERS=11", "RuleViolation"),
        ("NAME=ab", "RuleViolation"),
        ("URL=nothing", "RuleViolation"),
        ("DEBUG=perhaps", "WrongType"),
    ],
)
def test_decorators_of_varlock(tmp_path, line, code):
    text = f"PORT=80\nAPI_KEY=x\n{line}\n" if "PORT" not in line else f"API_KEY=x\n{line}\n"
    found = {c for c, _ in codes(tmp_path, SCHEMA, text, ".env.schema")}
    assert code in found


def test_what_is_sensitive_and_public_decides_before_names(tmp_path):
    path = tmp_path / ".env.schema"
    path.write_text(SCHEMA)
    checks = Checks(Options(), [template_schema(path)], environ={})
    assert checks.secret["API_KEY"] is True
    assert checks.secret["KEY_NAME"] is False


def test_what_is_required_by_the_header(tmp_path):
    text = "# @defaultRequired=true\n# ---\nA=\n# @optional\nB=\n"
    assert ("MissingRequired", 1) in codes(tmp_path, text, "B=1\n", ".env.schema")
    assert ("MissingRequired", 1) not in codes(tmp_path, text, "A=1\n", ".env.schema")


@pytest.mark.parametrize(
    ("decorator", "hint"),
    [("@reqired", "did you mean required?"), ("@type=prot", "did you mean port?")],
)
def test_a_decorator_that_is_not_known_is_named(tmp_path, decorator, hint):
    path = tmp_path / ".env.schema"
    path.write_text(f"# {decorator}\nA=1\n")
    with pytest.raises(InvalidOptions) as caught:
        template_schema(path)
    assert hint in str(caught.value)
    assert ".env.schema:2" in str(caught.value)
