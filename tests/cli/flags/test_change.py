"""``confkit flags enable``, ``disable``, ``delete`` and ``rollback``."""

from __future__ import annotations

from click.exceptions import Abort

from confkit.cli import main


def test_enable_and_disable_keep_the_rest(path, run, answer):
    run("disable", "new-checkout")
    assert answer("list")["flags"]["new-checkout"]["percentage"] == 10
    assert "nobody" in run("list")
    assert answer("enable", "new-checkout", "--yes")["new"]["enabled"] is True
    assert main(["flags", "enable", "nothing"]) == 1


def test_delete_asks(path, run, monkeypatch, answer):
    monkeypatch.setattr("click.confirm", lambda text, abort: (_ for _ in ()).throw(Abort))
    assert main(["flags", "delete", "dark_mode"]) == 130
    assert "dark_mode" in path.read_text()
    assert run("delete", "dark_mode", "--yes") == "dark_mode is at revision 2: deleted\n"
    assert answer("rollback", "dark_mode", "1", "--yes")["new"] == {"enabled": True}


def test_a_broken_rule_can_be_mended_and_deleted(path, run, answer, capsys):
    path.write_text(path.read_text().replace("10", "500"))
    assert main(["flags", "set", "new-checkout", "--off"]) == 1
    assert "percentage: must be from 0 to 100" in capsys.readouterr().err
    changed = answer("set", "new-checkout", "--percentage", "5", "--yes")
    assert changed["new"] == {"enabled": True, "percentage": 5, "owner": "payments"}
    path.write_text(path.read_text().replace("5", "500"))
    run("delete", "new-checkout", "--yes")
    assert "new-checkout" not in path.read_text()


def test_delete_says_who_needs_the_flag_and_never_skips_the_question(path, run, capsys):
    run("set", "new-checkout", "--requires", "dark_mode")
    assert main(["flags", "delete", "dark_mode", "--json"]) == 2
    assert "dark_mode" in path.read_text()
    capsys.readouterr()
    assert main(["flags", "delete", "dark_mode", "--yes"]) == 0
    assert "new-checkout need dark_mode, and go off with it" in capsys.readouterr().err
