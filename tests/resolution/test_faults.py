"""A problem names the place, the line, and every other layer that sets the same key."""

from __future__ import annotations

from dataclasses import dataclass, field, make_dataclass
from typing import Annotated, Any

import pytest

from confkit import REQUIRED, Check, Environ, File, InvalidConfig, Problem, Secret, Values, load


@dataclass(frozen=True)
class Item:
    name: str = REQUIRED
    size: Annotated[int, Check(max=9)] = 1
    password: Secret = Secret("")


@dataclass(frozen=True)
class Settings:
    port: int = 80
    items: list[Item] = field(default_factory=list)
    named: dict[str, Item] = field(default_factory=dict)
    limits: dict[str, int] = field(default_factory=dict)


def problems(*sources: Any, settings: type = Settings) -> list[Problem]:
    with pytest.raises(InvalidConfig) as caught:
        load(settings, *sources)
    return list(caught.value)


def file(tmp_path: Any, name: str, text: str) -> File:
    (tmp_path / name).write_text(text)
    return File(tmp_path / name, root=tmp_path)


def test_others_that_set_the_key_are_named_highest_first(tmp_path):
    (problem,) = problems(
        file(tmp_path, "a.yaml", "port: 1"), Values({"port": 2}), Environ(environ={"PORT": "x"})
    )
    assert str(problem.origin) == "env PORT"
    assert [str(o).partition(":")[0].rpartition("/")[2] for o in problem.others] == [
        "test_faults.py",
        "a.yaml",
    ]


def test_every_item_of_a_list_has_its_own_problem_value_and_line(tmp_path):
    text = "items:\n  - {name: a, size: many}\n  - {name: b, size: 10}\n  - {naem: c}\n"
    found = problems(file(tmp_path, "a.yaml", text))
    assert [(p.key, p.value, str(p.origin)) for p in found] == [
        ("items[0].size", "many", "a.yaml:2:21"),
        ("items[1].size", "10", "a.yaml:3:21"),
        ("items[2].name", "", "a.yaml:4:5"),
        ("items[2].naem", "", "a.yaml:4:12"),
    ]
    assert "many" in found[0].excerpt
    assert found[3].hint == "did you mean name?"


def test_a_secret_beside_it_hides_nothing_else(tmp_path):
    text = "items:\n  - {name: a, size: many, password: [hunter2]}\n"
    first, second = problems(file(tmp_path, "a.yaml", text))
    assert first.value == "many"
    assert (second.key, second.value) == ("items[0].password", "")
    assert "hunter2" not in "".join(map(str, (second, second.excerpt)))


def test_a_field_that_an_item_of_a_mapping_lacks_has_the_items_place(tmp_path):
    (problem,) = problems(file(tmp_path, "a.yaml", "named:\n  one:\n    size: 2\n"))
    assert (problem.key, str(problem.origin)) == ("named.one.name", "a.yaml:3:11")


def test_the_line_is_that_of_the_file_that_sets_the_item(tmp_path):
    (problem,) = problems(
        file(tmp_path, "a.yaml", "limits: {a: 1}"),
        file(tmp_path, "b.yaml", "\n\nlimits: {b: wrong}"),
    )
    assert str(problem.origin) == "b.yaml:3:13"
    assert problem.excerpt.startswith("3 | … wrong")


def test_all_of_many_wrong_values_are_reported_once():
    names = [f"f{i}" for i in range(500)]
    kind = make_dataclass("Wide", [(n, int, 0) for n in names], frozen=True)
    found = problems(Values(dict.fromkeys(names, "x")), settings=kind)
    assert sorted(p.key for p in found) == sorted(names)


def test_a_misspelt_variable_of_a_required_field_is_suggested():
    @dataclass(frozen=True)
    class Needs:
        secret_key: Secret = REQUIRED

    (problem,) = problems(Environ(environ={"SECRET_KYE": "x"}), settings=Needs)
    assert problem.hint == "SECRET_KYE is set: did you mean SECRET_KEY?"
