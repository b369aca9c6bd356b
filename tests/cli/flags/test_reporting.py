"""How the flag commands report errors."""

from __future__ import annotations

from confkit.cli import main
from confkit.errors import ConfkitError


def test_an_error_of_ours_is_no_traceback(path, monkeypatch, capsys):
    def fail(*args):
        raise ConfkitError("plainly said")

    monkeypatch.setattr("confkit.cli.flags.show.client", fail)
    assert main(["flags", "list"]) == 1
    assert capsys.readouterr().err == "Error: plainly said\n"


def test_a_refused_rule_for_machines(path, answer):
    found = answer("set", "new", "--variant", "a=99", code=1)
    assert [p["key"] for p in found["problems"]] == ["enabled", "variants"]
