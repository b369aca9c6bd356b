"""``confkit flags``: every command, on a file store, for people and for machines."""

from __future__ import annotations

import pytest
from click.exceptions import Abort

from confkit.cli import main
from confkit.errors import ConfkitError


def test_list(path, run, answer):
    out = run("list")
    assert [line.split()[:4] for line in out.splitlines()[1:]] == [
        ["dark_mode", "on", "everyone", "1"],
        ["new-checkout", "on", "10", "%"],
    ]
    assert answer("list") == {
        "flags": {
            "dark_mode": {"revision": 1, "enabled": True},
            "new-checkout": {
                "revision": 1, "enabled": True, "percentage": 10, "owner": "payments",
            },
        },
        "errors": {},
    }  # fmt: skip


def test_list_reports_invalid_rules(path, run, capsys):
    path.write_text(path.read_text().replace("10", "100.0001"))
    assert main(["flags", "list"]) == 1
    assert "flags.yaml:2: percentage: must be from 0 to 100" in capsys.readouterr().err


def test_show(path, run, answer):
    assert "new-checkout at revision 1" in run("show", "new-checkout")
    assert run("show", "new-checkout", "--user", "user-42") == (
        "new-checkout=off (outside the rollout: bucket 27.318 >= 10, unit user-42)\n"
    )
    found = answer("show", "new-checkout", "--attribute", "user_id=user-42")
    assert found["decision"]["bucket"] == 27_318
    assert answer("show", "dark_mode") == {
        "name": "dark_mode", "revision": 1, "rule": {"enabled": True},
    }  # fmt: skip


def test_an_unknown_flag_is_an_error_with_a_hint(path, capsys, answer):
    assert main(["flags", "show", "new-chekout"]) == 1
    assert "did you mean new-checkout?" in capsys.readouterr().err
    assert answer("show", "new-chekout", code=1)["error"] == "UnknownFlag"


def test_enable_and_disable_keep_the_rest(path, run, answer):
    run("disable", "new-checkout")
    assert answer("list")["flags"]["new-checkout"]["percentage"] == 10
    assert "nobody" in run("list")
    assert answer("enable", "new-checkout")["new"]["enabled"] is True
    assert main(["flags", "enable", "nothing"]) == 1


def test_delete_asks(path, run, monkeypatch, answer):
    monkeypatch.setattr("click.confirm", lambda text, abort: (_ for _ in ()).throw(Abort))
    assert main(["flags", "delete", "dark_mode"]) == 130
    assert "dark_mode" in path.read_text()
    assert run("delete", "dark_mode", "--yes") == "dark_mode is at revision 2: deleted\n"
    assert answer("rollback", "dark_mode", "1")["new"] == {"enabled": True}


def test_history_and_rollback(path, run, answer):
    run("set", "new-checkout", "--percentage", "50")
    out = run("rollback", "new-checkout", "1", "--by", "ann")
    assert out == "new-checkout is at revision 3: percentage: 50 -> 10\n"
    assert len(answer("history", "--limit", "2")) == 2
    assert "rollback to revision 1" in run("history", "new-checkout")
    assert "created, enabled: unset -> True" in run("history")


def test_stale(path, run, answer):
    assert run("stale") == "No flags to clean up.\n"
    run("set", "dark_mode", "--expires", "2020-01-01")
    assert "expired on 2020-01-01" in run("stale", code=1)
    assert answer("stale", code=1)[0]["name"] == "dark_mode"


def test_every_command_takes_json_and_has_help(run):
    from confkit.cli.flags.commands import flags

    for name in flags.list_commands(None):
        command = flags.get_command(None, name)
        assert any("--json" in p.opts for p in command.params), name
        assert command.help
        assert "--help" in run(name, "--help")


def test_an_error_of_ours_is_no_traceback(path, monkeypatch, capsys):
    def fail(*args):
        raise ConfkitError("plainly said")

    monkeypatch.setattr("confkit.cli.flags.commands.client", fail)
    assert main(["flags", "list"]) == 1
    assert capsys.readouterr().err == "Error: plainly said\n"


def test_a_flag_whose_rule_is_invalid(path, capsys):
    path.write_text(path.read_text().replace("10", "100.0001"))
    assert main(["flags", "show", "new-checkout"]) == 1
    assert "percentage: must be from 0 to 100" in capsys.readouterr().err


def test_a_broken_rule_can_be_mended_and_deleted(path, run, answer, capsys):
    path.write_text(path.read_text().replace("10", "500"))
    assert main(["flags", "set", "new-checkout", "--off"]) == 1
    assert "percentage: must be from 0 to 100" in capsys.readouterr().err
    changed = answer("set", "new-checkout", "--percentage", "5")
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


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["set", "dark_mode", "--variant", "a=inf"], "'inf' is no number"),
        (["set", "dark_mode", "--step", "2030-01-01=nan"], "'nan' is no number"),
        (["simulate", "dark_mode", "--users", "ids.txt"], "ids.txt: line 2 is not UTF-8"),
        (["export", "-o", "missing/flags.yaml"], "missing/flags.yaml"),
    ],
)
def test_no_mistake_at_the_terminal_is_a_traceback(path, capsys, command, said):
    path.with_name("ids.txt").write_bytes(b"1\n\xff\n")
    assert main(["flags", *command]) in (1, 2)
    assert said in capsys.readouterr().err
