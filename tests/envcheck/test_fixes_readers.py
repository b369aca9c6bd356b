"""Fixing and sorting: no traceback on any text, and no other reader reads new values."""

from __future__ import annotations

import io
import os
import random
import shutil
import subprocess

import pytest
from dotenv import dotenv_values

from confkit.envcheck.checking import Checks
from confkit.envcheck.codes import CODES
from confkit.envcheck.envfile import EnvFile
from confkit.envcheck.fixes import fixed
from confkit.envcheck.options import Options
from confkit.envcheck.order import sort

pytestmark = pytest.mark.slow

COUNT = int(float(os.environ.get("SIZE", "1e3")))
NAMES = ("A", "B", "C_1", "DB", "Z9")
VALUES = (
    "1", "x", "x y", "'x y'", '"x y"', "'x'", "true", "null", "5", "a=b", "x#c", "'a # b'", "${A}",
    "${B:-x y}", "$A", "'${A}'", '"${B}/p"', "", "''", "postgres://u:pw@h/d?a=b&c=d", "a,b;c",
    "a\\nb", '"a\\nb"', "it's", 'say "hi"', "[1, 2]", '{"a": 1}', "*", "~/x", "é x", "x\\", "'a'b",
    '"x" # c', "'un\nclosed'", '"two\nlines"', "x\u2028y", "100%", "(a b)", "x\ty",
)  # fmt: skip
LINES = (
    "# comment",
    "",
    "   ",
    "A",
    "export B",
    "A: 1",
    "'A'=1",
    "a.b=1",
    "1A=x",
    "A B=1",
    "'",
    "}",
)


def text(made: random.Random) -> str:
    """An env file with what people write, and what goes wrong; CRLF now and then."""
    lines = []
    for name in made.sample(NAMES, made.randrange(1, 6)):
        before = made.choice(("", "", "", "  ", "export "))
        equals = made.choice(("=", "=", "=", " = ", "= "))
        lines.append(
            f"{before}{name}{equals}{made.choice(VALUES)}{made.choice(('', '', ' ', ' # c'))}"
        )
        if made.random() < 0.2:
            lines.append(made.choice(LINES))
    end = made.choice(("\n", "\n", "\n", "\r\n"))
    return end.join(lines) + made.choice((end, end, end * 3, ""))


def changed() -> list[tuple[str, str]]:
    """Texts before and after a fix or a sort, those that became others."""
    made = random.Random(20261125)
    found = []
    for _ in range(COUNT):
        before = text(made)
        options = Options(
            codes=frozenset(CODES), quotes=made.choice(("when-needed", "double", "single", "any"))
        )
        file = EnvFile(made.choice((".env", ".env.production", ".env.example")), before)
        after = (fixed(file, Checks(options, environ={}).every)[0].text, sort(file))
        found += [(before, one) for one in after if one != before]
    assert len(found) > COUNT / 2
    return found


def confkit(text: str) -> dict[str, str]:
    return {name: one.value for name, one in EnvFile(".env", text).variables.items()}


def python_dotenv(texts: list[str]) -> list[dict[str, str]]:
    read = [dotenv_values(stream=io.StringIO(one, newline=""), interpolate=False) for one in texts]
    return [{n: v for n, v in one.items() if v is not None} for one in read]


SCRIPT = """
cd "$1"; PATH=/nonexistent
while IFS= read -r file; do
  ( set -a; trap 'printf "%s\\0" END' EXIT
    . "./$file" </dev/null >/dev/null 2>/dev/null
    for v in $NAMES; do [ -n "${!v+x}" ] && printf '%s=%s\\0' "$v" "${!v}"; done ) 2>/dev/null
done
exit 0
"""


@pytest.fixture
def bash(tmp_path):
    program = shutil.which("bash")
    if program is None:
        pytest.skip("bash is not installed")

    def read(texts: list[str]) -> list[dict[str, str]]:
        for number, one in enumerate(texts):
            (tmp_path / str(number)).write_bytes(one.encode())
        names = "".join(f"{number}\n" for number in range(len(texts)))
        found = subprocess.run(
            [program, "--norc", "-c", SCRIPT, "bash", str(tmp_path)],
            input=names.encode(), capture_output=True, env={"NAMES": " ".join(NAMES)}, check=True,
        )  # fmt: skip
        parts = found.stdout.decode().split("END\0")[:-1]
        return [dict(p.split("=", 1) for p in part.split("\0") if p) for part in parts]

    return read


@pytest.mark.parametrize("reader", ["confkit", "python-dotenv", "bash"])
def test_who_read_a_value_as_confkit_does_still_reads_it(reader, bash):
    readers = {"python-dotenv": python_dotenv, "bash": bash}
    read = readers.get(reader, lambda texts: [confkit(one) for one in texts])
    cases = changed()
    befores, afters = (read([case[n] for case in cases]) for n in (0, 1))
    assert len(befores) == len(afters) == len(cases)
    wrong = []
    for (before, after), was, now in zip(cases, befores, afters, strict=True):
        known = confkit(before)
        if reader == "bash" and ("\r" in before or was != known):
            continue  # it executes lines of the file
        lost = [n for n in was if n in known and was[n] == known[n] and now.get(n) != known[n]]
        if lost:
            wrong.append((before, after, lost))
    assert not wrong, wrong[0]
