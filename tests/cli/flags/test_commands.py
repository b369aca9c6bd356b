"""``confkit flags``: every command, on a file store, for people and for machines."""

from __future__ import annotations

import json

import pytest
from click.exceptions import Abort

from confkit.cli import main
from confkit.errors import ConfkitError

TEXT = """\
# ours
new-checkout:
  enabled: true
  percentage: 10
  owner: payments

dark_mode: true
"""


@pytest.fixture
def path(tmp_path, monkeypatch):
    file = tmp_path / "flags.yaml"
    file.write_text(TEXT)
    monkeypatch.setenv("CONFKIT_FLAGS_URL", f"file:{file}")
    monkeypatch.chdir(tmp_path)
    return file


@pytest.fixture
def run(capsys):
    def run(*argv, code=0):
        assert main(["flags", *argv]) == code, capsys.readouterr()
        return capsys.readouterr().out

    return run


@pytest.fixture
def answer(run, capsys):
    """A command's answer as JSON."""

    def answer(*argv, code=0):
        capsys.readouterr()
        return json.loads(run(*argv, "--json", code=code))

    return answer


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
    path.write_text(TEXT.replace("10", "100.0001"))
    assert main(["flags", "list"]) == 1
    assert "flags.yaml:2: percentage: must be from 0 to 100" in capsys.readouterr().err


def test_the_store_is_named_by_option_environment_or_project(
    path, run, monkeypatch, capsys, tmp_path
):
    (tmp_path / "other.yaml").write_text("a: true\n")
    assert "a " in run("list", "--store", f"file:{tmp_path}/other.yaml")
    monkeypatch.delenv("CONFKIT_FLAGS_URL")
    (tmp_path / "pyproject.toml").write_text('[tool.confkit]\nflags = "file:other.yaml"\n')
    assert "a " in run("list")
    (tmp_path / "pyproject.toml").unlink()
    assert main(["flags", "list"]) == 2
    assert "which store?" in capsys.readouterr().err
    assert main(["flags", "list", "--store", "http://x"]) == 2
    assert "no store has this URL" in capsys.readouterr().err


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
    assert "did you mean 'new-checkout'?" in capsys.readouterr().err
    assert answer("show", "new-chekout", code=1)["error"] == "UnknownFlag"


def test_set_changes_what_is_named(path, run, answer):
    out = run("set", "new-checkout", "--percentage", "25%", "--by", "ann", "--reason", "week two")
    assert out == "new-checkout is at revision 2: percentage: 10 -> 25\n"
    assert "# ours" in path.read_text()
    newest = answer("history", "new-checkout")[0]
    assert (newest["by"], newest["reason"]) == ("ann", "week two")
    made = answer(
        "set", "search", "--on", "--allow", "1", "--allow", "2", "--deny", "3",
        "--percentage", "12.5", "--variant", "a=40", "--variant", "b=60", "--condition",
        '{"attribute": "country", "in": ["DE"]}', "--requires", "dark_mode", "--salt", "s",
        "--unit", "account", "--step", "2027-01-01T00:00Z=50%", "--expires", "2027-12-31",
        "--owner", "me", "--description", "d",
    )  # fmt: skip
    assert made["new"] == {
        "enabled": True, "deny": ["3"], "allow": ["1", "2"], "percentage": 12.5, "salt": "s",
        "unit": "account", "variants": {"a": 40, "b": 60},
        "conditions": [{"attribute": "country", "in": ["DE"]}],
        "prerequisites": {"dark_mode": True},
        "schedule": [{"at": "2027-01-01T00:00:00+00:00", "percentage": 50}],
        "owner": "me", "description": "d", "expires": "2027-12-31",
    }  # fmt: skip
    assert "allow" not in answer("set", "search", "--clear", "allow")["new"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["dark_mode"], 2, "nothing to change"),
        (["dark_mode", "--percentage", "101"], 2, "must be from 0 to 100"),
        (["dark_mode", "--percentage", "x"], 2, "is no percentage"),
        (["dark_mode", "--variant", "a"], 2, "is not name=value"),
        (["dark_mode", "--variant", "a=x"], 2, "is no number"),
        (["dark_mode", "--variant", "a=99"], 1, "the weights sum to 99"),
        (["dark_mode", "--condition", "{"], 2, "is not JSON"),
        (["dark_mode", "--requires", "nothing"], 1, "there is no flag 'nothing'"),
        (["a b", "--on"], 1, "name: must be 1 to 128"),
        (["new", "--percentage", "5"], 1, "enabled: is required of a new flag"),
        (["dark_mode", "--off", "--expect", "7"], 1, "is at revision 1"),
    ],
)
def test_set_refuses(path, capsys, arguments, code, said):
    assert main(["flags", "set", *arguments]) == code
    assert said in capsys.readouterr().err
    assert path.read_text() == TEXT


def test_a_refused_rule_for_machines(path, answer):
    found = answer("set", "new", "--variant", "a=99", code=1)
    assert [p["key"] for p in found["problems"]] == ["enabled", "variants"]


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


def test_ramp_shows_who_enters(path, run, answer, monkeypatch, tmp_path):
    ids = tmp_path / "ids.txt"
    ids.write_text("".join(f"user-{n}\n" for n in range(1000)) + "\n")
    out = run("ramp", "new-checkout", "25%", "--ids", str(ids), "--yes")
    entering = out.split(", ")[1]
    assert out.startswith("new-checkout: 10 % -> 25 %; of 1,000 ids of ids.txt, ")
    assert 100 < int(entering.split()[0]) < 200
    assert "0 leave" in out
    found = answer("ramp", "new-checkout", "10", "--users", "500", "--yes")
    assert (found["from"], found["to"], found["ids"], found["enter"]) == (25, 10, 500, 0)
    assert found["leave"] > 0
    assert main(["flags", "ramp", "new-checkout", "20", "--json", "--users", "10"]) == 2
    monkeypatch.setattr("click.confirm", lambda text, abort: (_ for _ in ()).throw(Abort))
    assert main(["flags", "ramp", "new-checkout", "20", "--users", "10"]) == 130
    assert answer("list")["flags"]["new-checkout"]["percentage"] == 10


def test_ramp_says_what_stands_in_its_way(path, run):
    run("set", "dark_mode", "--off", "--step", "2027-01-01=5")
    out = run("ramp", "dark_mode", "50", "--users", "10", "--yes")
    assert "no percentage -> 50 %" in out or "0 % -> 50 %" in out
    assert "nobody enters until it is enabled" in out
    assert "has a schedule" in out


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


def test_simulate(path, run, answer, tmp_path):
    out = run("simulate", "new-checkout", "--users", "2000")
    assert out.startswith("new-checkout: on for ")
    assert "█" in out
    assert "out-of-rollout" in out
    found = answer("simulate", "new-checkout", "--users", "5000", "--percentage", "50")
    assert found["share"] == pytest.approx(50, abs=3)
    assert sum(b["ids"] for b in found["bins"]) == found["ids"] == 5000
    ids = tmp_path / "ids.txt"
    ids.write_text("1\r\n2\n3")
    assert answer("simulate", "dark_mode", "--ids", str(ids))["on"] == 3
    run("set", "dark_mode", "--variant", "a=50", "--variant", "b=50")
    assert set(answer("simulate", "dark_mode", "--users", "100")["variants"]) == {"a", "b"}
    assert "  a " in run("simulate", "dark_mode", "--users", "100")


def test_sql(path, run, answer, capsys):
    assert run("sql", "new-checkout", "--dialect", "postgresql", "--column", "u.id") == (
        "md5('new-checkout:' || CAST(u.id AS text)) COLLATE \"C\" < '1999999a'\n"
    )
    for part in ("h32", "bucket", "self-check"):
        assert "md5" in run("sql", "new-checkout", "--part", part)
    assert answer("sql", "dark_mode")["sql"].endswith("< 'g'")
    assert main(["flags", "sql", "dark_mode", "--part", "variant"]) == 2
    assert main(["flags", "sql", "dark_mode", "--column", "a b"]) == 2
    run("set", "dark_mode", "--deny", "1")
    capsys.readouterr()
    assert main(["flags", "sql", "dark_mode"]) == 0
    assert "has a deny-list, which this leaves out" in capsys.readouterr().err


def test_export_and_import(path, run, answer, tmp_path, monkeypatch):
    other = f"file:{tmp_path}/other.json"
    copy = tmp_path / "copy.yaml"
    run("export", "-o", str(copy))
    assert answer("export")["dark_mode"] == {"enabled": True}
    assert "dark_mode" in run("export")
    dry = answer("import", str(copy), "--dry-run", "--store", other)
    assert (len(dry["changes"]), dry["written"]) == (2, 0)
    assert "created" in run("import", str(copy), "--yes", "--store", other)
    assert "Nothing to change." in run("import", str(copy), "--yes", "--store", other)
    copy.write_text("extra: true\n")
    found = answer("import", str(copy), "--yes", "--delete", "--store", other)
    assert [c["change"] for c in found["changes"]] == ["created, enabled: unset -> True"] + [
        "deleted"
    ] * 2
    assert set(answer("list", "--store", other)["flags"]) == {"extra"}
    assert main(["flags", "import", str(copy), "--json", "--store", "memory:"]) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [", ":1:"),
        ("a: 5\n", "a rule must be a mapping"),
        ("ok: true\na: {enabled: true, percentage: 101}\n", "percentage: must be from 0 to 100"),
        (
            "a: {enabled: true, prerequisites: [b]}\nb: {enabled: true, prerequisites: [a]}\n",
            "a cycle",
        ),
    ],
)
def test_import_checks_everything_first(path, capsys, tmp_path, text, said):
    file = tmp_path / "in.yaml"
    file.write_text(text)
    assert main(["flags", "import", str(file), "--yes"]) == 1
    assert said in capsys.readouterr().err
    assert path.read_text() == TEXT


def test_a_store_that_cannot_be_read(path, capsys, answer):
    path.write_text("- x\n")
    assert main(["flags", "list"]) == 1
    assert "flags.yaml:1:1: must be a mapping" in capsys.readouterr().err
    assert answer("list", code=1)["error"] == "StoreError"


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


def test_who_is_at_the_terminal(monkeypatch):
    from confkit.cli.flags import store as flags_store

    def nobody():
        raise KeyError

    monkeypatch.setattr(flags_store.getpass, "getuser", nobody)
    assert flags_store.user() == ""


def test_who_a_flag_is_on_for_in_words(path, answer, run):
    condition = '{"attribute": "country", "in": ["DE"]}'
    run("set", "dark_mode", "--condition", condition, "--deny", "1", "--requires", "new-checkout")
    assert "everyone, if country in DE, not 1 denied, needs new-checkout" in run("list")
    run("set", "new-checkout", "--clear", "percentage", *(f"--allow={n}" for n in range(5)))
    assert "5 listed" in run("list")
    assert "allow: unset -> 5 items" in run("history", "new-checkout", "--limit", "1")


def test_a_flag_whose_rule_is_invalid(path, capsys):
    path.write_text(TEXT.replace("10", "100.0001"))
    assert main(["flags", "show", "new-checkout"]) == 1
    assert "percentage: must be from 0 to 100" in capsys.readouterr().err


def test_export_reports_what_it_leaves_out(path, run, capsys):
    path.write_text(TEXT.replace("10", "100.0001"))
    assert main(["flags", "export"]) == 1
    out = capsys.readouterr()
    assert "new-checkout" not in out.out
    assert "percentage" in out.err


def test_import_asks(path, tmp_path, monkeypatch, run):
    file = tmp_path / "in.json"
    file.write_text('{"dark_mode": false}')
    asked = []
    monkeypatch.setattr("click.confirm", lambda text, abort: asked.append(text))
    assert "enabled: True -> False" in run("import", str(file))
    assert asked == ["Make 1 changes?"]


def test_a_broken_rule_can_be_mended_and_deleted(path, run, answer, capsys):
    path.write_text(TEXT.replace("10", "500"))
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
        (["simulate", "dark_mode", "--ids", "ids.txt"], "ids.txt: line 2 is not UTF-8"),
        (["export", "-o", "missing/flags.yaml"], "missing/flags.yaml"),
    ],
)
def test_no_mistake_at_the_terminal_is_a_traceback(path, capsys, command, said):
    path.with_name("ids.txt").write_bytes(b"1\n\xff\n")
    assert main(["flags", *command]) in (1, 2)
    assert said in capsys.readouterr().err


def test_a_byte_order_mark_is_no_part_of_an_id(path):
    from confkit.cli.flags.simulate import ids_of

    file = path.with_name("ids.txt")
    file.write_bytes(b"\xef\xbb\xbf1\r\n2\n")
    assert list(ids_of(file, 0, quiet=True)) == ["1", "2"]


def test_ramp_says_who_stays_off_whatever_the_percentage(path, run, answer):
    condition = '{"attribute": "country", "in": ["DE"]}'
    run("set", "new-checkout", "--condition", condition)
    out = run("ramp", "new-checkout", "20", "--users", "100", "--yes")
    assert "100 are off: the condition does not hold: country in DE." in out
    assert "--attribute" in out
    germans = ("--users", "1000", "--yes", "--attribute", "country=DE")
    found = answer("ramp", "new-checkout", "50", *germans)
    assert found["enter"] > 200
    assert found["barred"] == {}


def test_an_export_reads_back_as_it_was(path, run, tmp_path):
    run("set", "dark_mode", "--allow", "1e3", "--percentage", "5")
    run("export", "-o", "out.yaml")
    assert run("import", "out.yaml", "--dry-run").endswith("Nothing to change.\n")


def test_sql_of_an_allow_list_alone_takes_in_nobody(path, run):
    run("set", "dark_mode", "--allow", "7")
    assert "< '00000000'" in run("sql", "dark_mode")
