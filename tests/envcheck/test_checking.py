"""One run over several files."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confkit.envcheck.checking import run
from confkit.envcheck.codes import CODES
from confkit.envcheck.options import Options
from confkit.schema.reading import read_schema
from examples.shop.settings import Settings

SHOP = Path(__file__).parents[2] / "examples" / "shop"


def test_the_files_of_the_shop_pass():
    files = [SHOP / ".env.development", SHOP / ".env.production"]
    report = run(files, Options(), [read_schema(Settings)], root=SHOP, environ={})
    assert report.ok
    assert {f.code for f in report.findings} == {"DifferentKeys"}
    assert report.needed == (
        "SECRET_KEY",
        "JWT_SECRET",
        "ENCRYPTION_KEY",
        "SENTRY_DSN",
        "DATADOG_API_KEY",
    )


def test_a_strict_run_demands_what_is_needed_and_fails_on_warnings():
    files = [SHOP / ".env.production"]
    schema = [read_schema(Settings)]
    names = "SECRET_KEY JWT_SECRET ENCRYPTION_KEY SENTRY_DSN DATADOG_API_KEY"
    environ = dict.fromkeys(names.split(), "x" * 32)
    strict = Options(strict=True)
    assert run(files, strict, schema, environ=environ).ok
    del environ["SENTRY_DSN"]
    report = run(files, strict, schema, root=SHOP, environ=environ)
    assert [(f.code, f.line) for f in report.findings] == [("UnsetReference", 21)]
    both = [*files, SHOP / ".env.development"]
    assert run(both, Options(), schema, environ={}).ok
    assert not run(both, Options(strict=True), (), environ=environ).ok


def test_a_file_that_cannot_be_read_is_a_finding_and_the_others_are_checked(tmp_path):
    (tmp_path / "a.env").write_bytes(b"A=1\nB=\xff\n")
    (tmp_path / "b.env").write_text("b=1\n")
    report = run(
        [tmp_path / "a.env", tmp_path / "b.env", tmp_path / "c.env"], Options(), root=tmp_path
    )
    assert [(f.code, f.file, f.line, f.column) for f in report.findings] == [
        ("UnreadableFile", "a.env", 2, 3),
        ("LowercaseKey", "b.env", 1, 1),
        ("UnreadableFile", "c.env", 1, 1),
    ]
    assert report.files == ("a.env", "b.env", "c.env")
    assert not report.ok


def test_a_file_that_goes_away_while_it_is_read_is_a_finding(tmp_path, monkeypatch):
    path = tmp_path / ".env"
    path.write_text("A=1\n")

    def gone(*_: object) -> str:
        path.unlink()
        return "A=1\n"

    monkeypatch.setattr("confkit.envcheck.envfile.read_env", gone)
    (finding,) = run([path], Options(), root=tmp_path).findings
    assert str(finding).startswith(".env:1:1: UnreadableFile cannot be read: No such file")


def test_what_is_ignored_in_a_file_is_not_compared(tmp_path):
    (tmp_path / ".env.a").write_text("A=1\n# confkit: ignore-file[DifferentKeys]\n")
    (tmp_path / ".env.b").write_text("B=1\n")
    files = [tmp_path / ".env.a", tmp_path / ".env.b"]
    assert [f.file for f in run(files, Options(), root=tmp_path).findings] == [".env.b"]


def test_what_the_base_file_sets_is_not_needed_at_run_time(tmp_path):
    (tmp_path / ".env").write_text("HOST=a\n")
    (tmp_path / ".env.b").write_text("URL=${HOST}/${PORT}\n")
    (tmp_path / "c.env").write_text("URL=${HOST}\n")
    assert run([tmp_path / ".env.b"], Options()).needed == ("PORT",)
    assert run([tmp_path / "c.env"], Options()).needed == ("HOST",)


@given(st.binary(max_size=120) | st.text("AB=#'\"\\ $}{\n\r:`x1", max_size=60).map(str.encode))
def test_no_bytes_raise_anything(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "any.env"
    path.write_bytes(data)
    options = Options(codes=frozenset(CODES))
    report = run([path], options, [read_schema(Settings)], environ={})
    assert all(f.line >= 1 and f.column >= 1 for f in report.findings)


@pytest.mark.parametrize(
    "text",
    [
        "LOG_LEVEL=" + "${A:-" * 5000 + "}" * 5000 + "\n",
        "A=1\n" * 5_000,
        "".join(f"A{i}=${{A{i * 7 % 900}}}\n" for i in range(4_000)),
        'DATABASE="' + "[" * 30_000 + '"\n',
        "A B\n" * 5_000,
        ("$" * 900 + "{" * 90 + "\n") * 30,
    ],
    ids=["deep", "duplicates", "references", "brackets", "faults", "dollars"],
)
def test_bombs_are_checked_to_the_end(text, tmp_path):
    path = tmp_path / ".env.bomb"
    path.write_text(text)
    options = Options(codes=frozenset(CODES))
    assert not run([path], options, [read_schema(Settings)], environ={}).ok


def test_credentials_are_looked_for_when_asked(tmp_path):
    pytest.importorskip("detect_secrets")
    (tmp_path / "x.env").write_text("THING=q8R2v7Lm4Zx1Tn6Wb3Yc5Kd9pQ0sX\nPLAIN=hello\n")
    quiet = run([tmp_path / "x.env"], Options())
    found = run([tmp_path / "x.env"], Options(scan=True))
    assert quiet.findings == ()
    assert [(f.code, f.line) for f in found.findings] == [("RealLookingSecret", 1)]
    assert "q8R2" not in found.findings[0].message
