"""``confkit flags simulate`` and ``ramp``: what a rule does to many ids."""

from __future__ import annotations

import pytest
from click.exceptions import Abort

from confkit.cli import main


def test_ramp_shows_who_enters(path, run, answer, monkeypatch, tmp_path):
    ids = tmp_path / "ids.txt"
    ids.write_text("".join(f"user-{n}\n" for n in range(1000)) + "\n")
    out = run("ramp", "new-checkout", "25%", "--users", str(ids), "--yes")
    entering = out.split(", ")[1]
    assert out.startswith("new-checkout: 10 % -> 25 %; of 1,000 ids of ids.txt, ")
    assert 100 < int(entering.split()[0]) < 200
    assert "0 leave" in out
    found = answer("ramp", "new-checkout", "10", "--synthetic", "500", "--yes")
    assert (found["from"], found["to"], found["units"], found["enter"]) == (25, 10, 500, 0)
    assert found["leave"] > 0
    assert main(["flags", "ramp", "new-checkout", "20", "--json", "--synthetic", "10"]) == 2
    monkeypatch.setattr("click.confirm", lambda text, abort: (_ for _ in ()).throw(Abort))
    assert main(["flags", "ramp", "new-checkout", "20", "--synthetic", "10"]) == 130
    assert answer("list")["flags"]["new-checkout"]["percentage"] == 10


def test_ramp_says_what_stands_in_its_way(path, run):
    run("set", "dark_mode", "--off", "--step", "2027-01-01=5")
    out = run("ramp", "dark_mode", "50", "--synthetic", "10", "--yes")
    assert "no percentage -> 50 %" in out or "0 % -> 50 %" in out
    assert "nobody enters until it is enabled" in out
    assert "has a schedule" in out


def test_simulate(path, run, answer, tmp_path):
    out = run("simulate", "new-checkout", "--synthetic", "2000")
    assert out.startswith("new-checkout: ")
    assert "█" in out
    assert "out-of-rollout" in out
    found = answer("simulate", "new-checkout", "--synthetic", "5000", "--percentage", "50")
    assert found["share"] == pytest.approx(0.5, abs=0.03)
    assert sum(b["units"] for b in found["bins"]) == found["units"] == 5000
    ids = tmp_path / "ids.txt"
    ids.write_text("1\r\n2\n3")
    assert answer("simulate", "dark_mode", "--users", str(ids))["on"] == 3
    run("set", "dark_mode", "--variant", "a=50", "--variant", "b=50", "--yes")
    assert set(answer("simulate", "dark_mode", "--synthetic", "100")["variants"]) == {"a", "b"}
    assert "  a " in run("simulate", "dark_mode", "--synthetic", "100")


def test_a_byte_order_mark_is_no_part_of_an_id(path):
    from confkit.cli.flags.simulate import ids_of

    file = path.with_name("ids.txt")
    file.write_bytes(b"\xef\xbb\xbf1\r\n2\n")
    assert list(ids_of(file, 0, quiet=True)) == ["1", "2"]


def test_ramp_says_who_stays_off_whatever_the_percentage(path, run, answer):
    condition = '{"attribute": "country", "in": ["DE"]}'
    run("set", "new-checkout", "--condition", condition)
    out = run("ramp", "new-checkout", "20", "--synthetic", "100", "--yes")
    assert "100 are off: the condition does not hold: country in DE." in out
    assert "--attribute" in out
    germans = ("--synthetic", "1000", "--yes", "--attribute", "country=DE")
    found = answer("ramp", "new-checkout", "50", *germans)
    assert found["enter"] > 200
    assert found["barred"] == {}
