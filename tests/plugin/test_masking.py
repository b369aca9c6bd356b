"""A secret is in no part of a report: terminal, captured output, logs, JUnit XML."""

from __future__ import annotations

import base64
import json

import pytest

CANARY = "canary/S3cr3t+Value-42"
SPELLED = [CANARY, base64.b64encode(CANARY.encode()).decode(), "canary%2FS3cr3t%2BValue-42"]

BODY = f"""
import base64, logging, sys, urllib.parse, warnings
CANARY = {"".join(reversed(CANARY))!r}[::-1]

def everywhere():
    encoded = base64.b64encode(CANARY.encode()).decode()
    for text in (CANARY, encoded, urllib.parse.quote(CANARY, "")):
        print("out", text)
        print("err", text, file=sys.stderr)
        logging.getLogger("shop").warning("log %s", text)

@pytest.fixture
def secret(override_secrets):
    override_secrets({{"db": {{"password": CANARY}}}})

@pytest.fixture
def fails_later(secret):
    yield
    everywhere()
    raise ValueError(CANARY)

def test_assertion(secret):
    everywhere()
    local = CANARY
    assert {{"password": local}} == {{}}

def test_exception(secret):
    everywhere()
    try:
        raise KeyError(CANARY)
    except KeyError as error:
        raise RuntimeError("wrapped " + CANARY) from error

def test_passes(secret):
    everywhere()

def test_teardown(fails_later):
    pass

def test_skipped(secret):
    pytest.skip(CANARY)

def test_expected(secret):
    pytest.xfail(CANARY)

def test_failed_plainly(secret):
    pytest.fail(CANARY, pytrace=False)

def test_property(secret, record_property):
    record_property("token", CANARY)

def test_an_exception_group(secret):
    raise ExceptionGroup(CANARY, [ValueError(CANARY)])
"""


@pytest.mark.parametrize("style", ["long", "short", "line", "native", "auto"])
def test_in_no_part_of_the_report(run, pytester, style):
    junit = ("--junitxml=report.xml", "-ojunit_logging=all", "-ojunit_family=xunit1")
    result = run(BODY, "-rA", "-l", f"--tb={style}", *junit)
    result.assert_outcomes(passed=3, failed=4, errors=1, skipped=1, xfailed=1)
    outputs = {
        "terminal": result.stdout.str() + result.stderr.str(),
        "JUnit XML": (pytester.path / "report.xml").read_text(),
    }
    for name, text in outputs.items():
        for spelled in SPELLED:
            assert spelled not in text, name
            assert json.dumps(spelled)[1:-1] not in text, name
            # What pytest shortens keeps no part of it either.
            assert f"...{spelled[-6:]}" not in text, name
            assert f"{spelled[:6]}..." not in text, name
        assert "***" in text


WARNS = f"""
import warnings
CANARY = {"".join(reversed(CANARY))!r}[::-1]

class Own(UserWarning):
    def __init__(self, one, two):
        super().__init__(one, two)

def test_it(override_secrets):
    override_secrets({{"db": {{"password": CANARY}}}})
    warnings.warn("first warning of " + CANARY)
    warnings.warn(Own("second warning of", CANARY))
"""


@pytest.mark.parametrize("load", [(), ("xdist",)], ids=["one process", "xdist"])
def test_in_no_warning_of_the_summary(run, load):
    result = run(WARNS, "-Wdefault", *(("-n1",) if load else ()), load=load)
    text = result.stdout.str() + result.stderr.str()
    assert "first warning of ***" in text
    assert "second warning of" in text
    assert CANARY not in text


def test_in_none_of_xdist(run, pytester):
    result = run(
        BODY, "-n1", "-rA", "--junitxml=report.xml", "-ojunit_family=xunit1", load=("xdist",)
    )
    text = result.stdout.str() + (pytester.path / "report.xml").read_text()
    assert "***" in text
    assert not [spelled for spelled in SPELLED if spelled in text]
