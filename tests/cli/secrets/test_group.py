"""``confkit secrets``: the group names its commands and imports one when it runs."""

from __future__ import annotations

import subprocess
import sys

from confkit.cli import main


def test_the_group_lists_its_commands(capsys):
    assert main(["secrets", "--help"]) == 0
    out = capsys.readouterr().out
    for name in ("keygen", "encrypt", "decrypt", "rotate", "check", "scan", "drill"):
        assert f"  {name} " in out


def test_a_command_that_is_not_there_is_refused_with_the_one_that_was_meant(capsys):
    assert main(["secrets", "rotat"]) == 2
    assert "rotate" in capsys.readouterr().err


def test_the_help_imports_no_optional_library():
    code = (
        "import sys; from confkit.cli import main; main(['secrets', '--help']); "
        "sys.exit(bool({'boto3', 'cryptography'} & {*sys.modules}))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True).returncode == 0
