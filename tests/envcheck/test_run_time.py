"""Names that get their values at run time."""

from __future__ import annotations

from confkit.envcheck.envfile import EnvFile
from confkit.envcheck.run_time import check, needed

TEXT = """\
SECRET_KEY=${SECRET_KEY}
HOST=db
URL="${HOST}:${PORT}/${NAME:-x}"
AGAIN=${PORT}
SINGLE='${NOT}'
WHY=${TOLD:?say it}
DEEP=${X:-${Y}}
REF='${aws:db}'
"""


def test_what_the_file_and_those_below_do_not_set():
    assert needed(EnvFile(".env.production", TEXT)) == ["SECRET_KEY", "PORT", "TOLD", "Y"]
    assert needed(EnvFile(".env.production", TEXT), frozenset({"PORT", "Y"})) == [
        "SECRET_KEY",
        "TOLD",
    ]


def test_a_strict_run_demands_them():
    environ = {"SECRET_KEY": "hunter2", "PORT": "", "Y": "1"}
    findings = list(check(EnvFile(".env.production", TEXT), environ))
    assert [(f.code, f.line, f.message) for f in findings] == [
        ("UnsetReference", 3, "URL needs PORT, which is not set"),
        ("UnsetReference", 4, "AGAIN needs PORT, which is not set"),
        ("UnsetReference", 6, "WHY needs TOLD, which is not set"),
    ]
