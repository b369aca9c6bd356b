"""Faults that a review found, each as a class of cases."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from confkit import Public, Secret, Sensitive
from confkit.envcheck.checking import MOST, Checks, capped
from confkit.envcheck.codes import CODES
from confkit.envcheck.envfile import EnvFile
from confkit.envcheck.fixes import fixed
from confkit.envcheck.options import Options
from confkit.envcheck.order import sort
from confkit.schema.reading import read_schema

REAL = "Zq8vT4mK1xW9rB3nC7yL5pD2"
ALL = Checks(Options(codes=frozenset(CODES)), environ={})
DEFAULT = Checks(Options(), environ={})


def found(text: str, name: str = ".env.production", checks: Checks = DEFAULT) -> set[str]:
    return {f.code for f in checks.of(EnvFile(name, text))}


def values(text: str) -> dict[str, str]:
    return {n: s.value for n, s in EnvFile(".env", text).variables.items()}


# -- secrets beside and inside references --------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        f"${{SECRET_KEY:-{REAL}}}",
        f"${{SECRET_KEY-{REAL}}}",
        f"${{X:+{REAL}}}",
        f"${{A:-${{B:-{REAL}}}}}",
        f"{REAL}${{SUFFIX}}",
        f"'{REAL}'",
        f"postgres://shop:{REAL}@${{DB_HOST}}/shop",
        f"postgres://${{USER}}:{REAL}@${{DB_HOST}}/shop",
        f"${{URL:-postgres://shop:{REAL}@db/shop}}",
    ],
)
def test_what_is_written_beside_a_reference_is_looked_at(value):
    assert "ClearTextSecret" in found(f"SECRET_KEY={value}\n")


@pytest.mark.parametrize(
    "value",
    [
        "${SECRET_KEY}",
        "${SECRET_KEY:?set it}",
        "Bearer ${TOKEN}",
        "postgres://${USER}:${PASSWORD}@db/shop",
        "postgres://shop:${PASSWORD}@db/shop",
        "postgres://${HOST}/shop",
        "'${aws:shop#key}'",
        "${A:-${B}}",
        "${A:-}",
        "",
    ],
)
def test_a_reference_alone_is_no_secret(value):
    assert "ClearTextSecret" not in found(f"SECRET_KEY={value}\n")


def test_a_credential_in_a_default_looks_real():
    token = "ghp_" + "a1B2" * 9
    assert "RealLookingSecret" in found(f"X=${{Y:-{token}}}\n", ".env.example")


# -- declared types and marks decide before names ------------------------------------------------


@dataclass(frozen=True)
class Settings:
    csrf_trusted_origins: list[str] = field(default_factory=list)
    session_cookie_age: int = 1
    webhook_timeout: float = 1.0
    auth_required: bool | None = None
    api_key_header: Annotated[str, Public()] = "X-Api-Key"
    auth_token_name: Annotated[str, Sensitive()] = ""
    plain: Secret = Secret("x")
    api_key: str = ""


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        ("CSRF_TRUSTED_ORIGINS=https://shop.example.com", False),
        ("SESSION_COOKIE_AGE=1209600", False),
        ("WEBHOOK_TIMEOUT=12.5", False),
        ("AUTH_REQUIRED=yes", False),
        (f"API_KEY_HEADER={REAL}", False),
        (f"AUTH_TOKEN_NAME={REAL}", True),
        (f"PLAIN={REAL}", True),
        (f"API_KEY={REAL}", True),  # a plain text may be anything: its name decides
        (f"OTHER_API_KEY={REAL}", True),
        (f"NEXT_PUBLIC_SENTRY_DSN={REAL}", False),
        ("CSRF_TRUSTED_ORIGINS=https://u:hunter2hunter2@x", True),
    ],
)
def test_what_is_declared_decides(line, secret):
    checks = Checks(Options(), [read_schema(Settings)], environ={})
    assert ("ClearTextSecret" in found(line + "\n", checks=checks)) is secret


# -- names of files --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["production.env", "prod.env", ".env-production", "env.production"]
)
def test_environments_of_every_form_hold_no_secret(name):
    assert "ClearTextSecret" in found(f"API_KEY={REAL}\n", name)


@pytest.mark.parametrize(
    "name", [".env.prod.example", ".env.local.example", ".env.example.complete"]
)
def test_templates_of_every_form_hold_what_they_like(name):
    assert not {"ClearTextSecret", "TrackedByGit"} & found(f"API_KEY={REAL}\n", name)


# -- no finding holds a value ----------------------------------------------------------------------

SECRET = st.text("abcXYZ123_", min_size=6, max_size=20).map(lambda s: f"Hq7{s}k9Z")


@given(
    SECRET,
    st.sampled_from(
        [
            "PASSWORD=\n{}\n", "PASSWORD=\n{}=\n", "PASSWORD=\n\n{} x\n", "PASSWORD\n{}\n", "{}\n",
            "KEY='a\n{}\n", 'KEY="{}\nB=1\n', "KEY=a\n{}==\n", "KEY = {} x\n", "export {}\n",
            "KEY=-----BEGIN RSA PRIVATE KEY-----\n{}\n{}=\n-----END RSA PRIVATE KEY-----\n",
            "KEY='x' {}\n", "A=1\nA={}\n", "a.b={}\n", "KEY=${{{}\n", "KEY=$({})\n", "KEY=`{}`\n",
            "PASSWORD=\r\n{}\r\n", "PASSWORD= \t\n{}\n",
        ]
    ),
)  # fmt: skip
@example("HUNTER2HUNTER2", "PASSWORD=\n{}\n")
@example("HUNTER2", "PASSWORD=\n{}=\n")
def test_no_finding_shows_a_value_from_any_line(secret, shape):
    for name in (".env.production", ".env.example", ".env"):
        for finding in ALL.of(EnvFile(name, shape.replace("{{", "{").replace("{}", secret))):
            assert secret not in finding.message


# -- files are not destroyed -----------------------------------------------------------------------

CRLF = "A=1\r\n\r\nB=2\r\n\r\n\r\nC=3\r\n"


def test_single_blank_lines_of_crlf_files_stay():
    assert "ExtraBlankLine" not in found("A=1\r\n\r\nB=2\r\n", checks=ALL)
    (finding,) = [f for f in ALL.of(EnvFile("x.env", CRLF)) if f.code == "ExtraBlankLine"]
    assert finding.line == 5
    assert fixed(EnvFile("x.env", CRLF), ALL.every)[0].text == "A=1\r\n\r\nB=2\r\n\r\nC=3\r\n"


PEM = "Z=1\nKEY=-----BEGIN PRIVATE KEY-----\nMIIabc+/\nAAA=\n-----END PRIVATE KEY-----\nA=1\n"


@pytest.mark.parametrize("text", [PEM, "B=1\nA='x\nC=2\n", "B=1\nA\n", "B=1\nA B=2\nA=1\n"])
def test_what_is_not_understood_is_not_sorted(text):
    file = EnvFile("x.env", text)
    assert file.unclear
    assert sort(file) == text
    assert not [f for f in ALL.of(file) if f.code == "UnorderedKey"]


@pytest.mark.parametrize("text", ["B=1\nA=1\nA=2\n", "'\nB=x y\n", "A='x\nA = 1\n", "A=1\nA=1"])
def test_a_fix_is_no_traceback(text):
    assert values(fixed(EnvFile("x.env", text), ALL.every)[0].text) == values(text)


PIECES = st.sampled_from(
    [
        "A", "B", "a.b", "=", " = ", ":", "'", '"', "\\", "#", " ", "\t", "\n", "\r\n", "\r", "$",
        "{", "}", "${A}", "${B:-x y}", "export ", "x", "null", "5",
        "-", "\ufeff", "é", "\u2028", "`",
    ]
)  # fmt: skip


@given(st.lists(PIECES, max_size=30).map("".join))
def test_fixing_and_sorting_keep_every_value(text):
    file = EnvFile("x.env", text)
    for quotes in ("when-needed", "double", "single", "any"):
        checks = Checks(Options(codes=frozenset(CODES), quotes=quotes), environ={})
        assert values(fixed(file, checks.every)[0].text) == values(text)
    assert values(sort(file)) == values(text)


# -- levels ----------------------------------------------------------------------------------------


def levels(text: str, name: str = "x.env") -> dict[str, str]:
    return {f.code: f.level for f in ALL.of(EnvFile(name, text))}


@pytest.mark.parametrize(
    "text",
    [
        "a=1\n", "A = 1\n", "A=1", "A=1\n\n\n\n", "A='x'\n", "A=x y\n", "A=1 \n", "B=1\nA=1\n",
        "A-B=1\n", " A=1\n", "A\n", "A=1\nA=1\n", "PYTHONPATH=.\n", "PATH=/x\n",
        "NODE_OPTIONS=--max-old-space-size=4096\n", "URL=postgres://db/x?schema=public\n",
    ],
)  # fmt: skip
def test_style_is_a_warning_at_most(text):
    assert "error" not in levels(text).values()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("A B=1\n", "UnreadableLine"),
        ("A='x\n", "UnreadableLine"),
        ("A:1\n", "UnreadableLine"),
        ("A=${B\n", "SubstitutionKey"),
        ("A=1\nA=2\n", "DuplicatedKey"),
        ("A=$(rm x)\n", "CommandSubstitution"),
        ("LD_PRELOAD=/x.so\n", "DangerousKey"),
        ("PYTHONBREAKPOINT=x.y\n", "DangerousKey"),
        ("GIT_ASKPASS=/x\n", "DangerousKey"),
        ("DOTNET_STARTUP_HOOKS=/x\n", "DangerousKey"),
        ("NODE_OPTIONS=--require ./x.js\n", "DangerousKey"),
        ("JDK_JAVA_OPTIONS=-javaagent:x.jar\n", "DangerousKey"),
    ],
)
def test_what_breaks_or_leaks_is_an_error(text, code):
    assert levels(text)[code] == "error"


@pytest.mark.parametrize("value", ["a?b", "a*b", "a[1]b", "a!b", "a^b", "a{b}", "x~"])
def test_characters_inside_a_bare_value_are_portable(value):
    assert "NotPortable" not in levels(f"A=p{value}\n")


@pytest.mark.parametrize("value", ["~/x", "a:~/x", "a;b", "a&b", "a|b", "a<b", "(a)", "a`b"])
def test_what_a_shell_would_read_is_not(value):
    assert {"NotPortable", "CommandSubstitution"} & set(levels(f"A={value}\n"))


# -- bounds ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["\n" * 500_000, "a=1\n" * 5_000, "A=1 \n" * 5_000, "x\n" * 5_000])
def test_the_findings_of_one_file_are_capped_with_their_number(text):
    findings = ALL.of(EnvFile("x.env", text))
    assert len(findings) <= len(CODES) * (MOST + 1)
    if "=" in text:
        assert any("more of these" in f.message for f in findings)


def test_the_cap_counts_what_it_leaves_out():
    file = EnvFile("x.env", "a=1\n" * 80)
    findings: list[Any] = [f for f in capped(file, ALL.every(file)) if f.code == "LowercaseKey"]
    assert len(findings) == MOST + 1
    assert findings[-1].message.startswith("30 more")


# -- dotenv-linter's comments ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("# dotenv-linter:off LowercaseKey\na=1\n# dotenv-linter:on LowercaseKey\nb=1\n", [4]),
        ("# dotenv-linter:off LowercaseKey, SpaceCharacter\na = 1\nb=1\n", []),
        ("# dotenv-linter:off\na=1\n#dotenv-linter:on\nb=1\n", [4]),
        ("a=1\n# dotenv-linter:off QuoteCharacter\nb=1\n", [1, 3]),
    ],
)
def test_comments_of_dotenv_linter_are_honoured(text, lines):
    findings = DEFAULT.of(EnvFile("x.env", text))
    assert [f.line for f in findings if f.code == "LowercaseKey"] == lines
    assert not [f for f in findings if f.code == "UnknownCode"]


# -- circles of references -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("A=${B}\nB=${A}\n", 1),
        ("A=${B}\nB=${C}\nC=${A}\nD=${A}\n", 1),
        ("A=${B:-x}\nB=x${A}\n", 1),
        ("A=${A}\n", 0),
        ("A='${B}'\nB=${A}\n", 0),
        ("A=${B}\nB=${C}\nD=${B}\n", 0),
        ("A=${B}\nB=${A}\nC=${D}\nD=${C}\n", 2),
    ],
)
def test_variables_that_need_each_other(text, count):
    findings = [f for f in DEFAULT.of(EnvFile("x.env", text)) if "circle" in f.message]
    assert len(findings) == count
    assert all(f.code == "SubstitutionKey" and f.level == "error" for f in findings)


def test_a_circle_of_thousands_is_found_at_once():
    text = "".join(f"A{n}=${{A{(n + 1) % 5_000}}}\n" for n in range(5_000))
    assert any("circle" in f.message for f in DEFAULT.of(EnvFile("x.env", text)))
