"""``confkit flags``: every command, on a file store, for people and for machines."""

from __future__ import annotations

from confkit.cli import main


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


def test_history_and_rollback(path, run, answer):
    run("set", "new-checkout", "--percentage", "50", "--yes")
    out = run("rollback", "new-checkout", "1", "--by", "ann", "--yes")
    assert out == "new-checkout is at revision 3: percentage: 50 -> 10\n"
    assert len(answer("history", "--limit", "2")) == 2
    assert "rollback to revision 1" in run("history", "new-checkout")
    assert "created, enabled: unset -> True" in run("history")


def test_unused(path, run, answer):
    assert run("unused") == "No flags to clean up.\n"
    run("set", "dark_mode", "--expires", "2020-01-01")
    assert "expired on 2020-01-01" in run("unused", code=1)
    assert answer("unused", code=1)[0]["name"] == "dark_mode"


def test_a_flag_whose_rule_is_invalid(path, capsys):
    path.write_text(path.read_text().replace("10", "100.0001"))
    assert main(["flags", "show", "new-checkout"]) == 1
    assert "percentage: must be from 0 to 100" in capsys.readouterr().err
