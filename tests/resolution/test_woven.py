"""What a reference answers is one piece: no list and no JSON is split inside of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from confkit import Environ, File, InvalidConfig, Secret, load
from confkit.resolution.woven import Answer, Woven, answer, is_answer, plain, veiled

HOSTILE = [
    "a,b", '"a"', '"a', "a\"", '["x"]', '{"x": "y"}', "[", "]", ",", ",,", " a ", "", "a\nb", "\\",
    '\\"', "'", "null", "true", "1", "${OTHER}", "$$", "\ue0000\ue000", "\ue000", "a,\"b", "é,ü",
]  # fmt: skip


@dataclass(frozen=True)
class Account:
    name: str = ""
    token: Secret = Secret("")


@dataclass(frozen=True)
class Settings:
    several: list[Secret] = field(default_factory=list)
    pair: tuple[Secret, Secret] = (Secret(""), Secret(""))
    nested: list[list[Secret]] = field(default_factory=list)
    accounts: list[Account] = field(default_factory=list)
    named: dict[str, Secret] = field(default_factory=dict)
    either: Secret | list[Secret] = Secret("")
    maybe: list[Secret] | None = None
    api_key: Secret = Secret("")


def loaded(answers: list[str], tmp_path=None, **variables: str) -> Settings:
    def vault(reference: str) -> str:
        return answers[int(reference)]

    sources = [Environ(environ=variables)]
    if tmp_path is not None:
        (tmp_path / "a.yaml").write_text(json.dumps({k.lower(): v for k, v in variables.items()}))
        sources = [File(tmp_path / "a.yaml"), Environ(environ={"LIST": "p,q", "API_KEY": "r,s"})]
    return load(Settings, *sources, resolvers={"vault": vault}).current


def texts(values) -> list[str]:
    return [value.reveal() for value in values]


@pytest.mark.parametrize("one", HOSTILE)
@pytest.mark.parametrize("other", ["x", "a,b", '"'])
@pytest.mark.parametrize("in_file", [False, True])
def test_each_reference_is_one_item_whatever_it_holds(one, other, in_file, tmp_path):
    both = [one, other]

    def of(name: str, text: str):
        return getattr(loaded(both, tmp_path if in_file else None, **{name: text}), name.lower())

    for text in ("${vault:0},${vault:1}", " ${vault:0} , ${vault:1} "):
        assert texts(of("SEVERAL", text)) == both
        assert texts(of("PAIR", text)) == both
        assert texts(of("MAYBE", text)) == both
    for text in ('["${vault:0}", "${vault:1}"]', ' [ "${vault:0}","${vault:1}" ]\n'):
        for name in ("SEVERAL", "PAIR", "MAYBE", "EITHER"):
            assert texts(of(name, text)) == both
    assert texts(of("SEVERAL", "<${vault:0}>,x")) == [f"<{one}>", "x"]
    assert texts(of("SEVERAL", '["<${vault:0}>"]')) == [f"<{one}>"]
    assert texts(of("SEVERAL", "${vault:0}")) == [one]
    assert of("EITHER", "${vault:0}").reveal() == one
    assert [texts(x) for x in of("NESTED", '[["${vault:0}"], "${vault:1}"]')] == [[one], [other]]
    accounts = '[{"name": "n", "token": "${vault:0}"}, {"token": "${vault:1}"}]'
    assert [a.token.reveal() for a in of("ACCOUNTS", accounts)] == both
    named = of("NAMED", '{"a": "${vault:0}", "b": "${vault:1}"}')
    assert {k: v.reveal() for k, v in named.items()} == {"a": one, "b": other}


def test_items_that_are_appended_and_set_by_their_place(tmp_path):
    answers = ["a,b", '["c"]']

    def over(**variables: str) -> list[str]:
        (tmp_path / "low.yaml").write_text("several: [x, y]\n")
        sources = [File(tmp_path / "low.yaml"), Environ(environ=variables)]
        resolvers = {"vault": lambda reference: answers[int(reference)]}
        return texts(load(Settings, *sources, resolvers=resolvers).current.several)

    assert over(SEVERAL__APPEND="${vault:0},${vault:1}") == ["x", "y", *answers]
    assert over(SEVERAL__1="${vault:0}") == ["x", "a,b"]


def test_a_mapping_may_be_one_answer(tmp_path):
    held = json.dumps({"name": "x,y", "token": '["z"]'})
    found = loaded([held], tmp_path, ACCOUNTS=["${vault:0}"], NAMED="${vault:0}")
    assert {k: v.reveal() for k, v in found.named.items()} == {"name": "x,y", "token": '["z"]'}
    (account,) = found.accounts
    assert (account.name, account.token.reveal()) == ("x,y", '["z"]')


def test_a_variable_is_split_unless_it_belongs_to_a_secret_of_one_piece(tmp_path):
    found = loaded([], tmp_path, SEVERAL="${LIST},z", MAYBE="${API_KEY},z", EITHER='["${API_KEY}"]')
    assert texts(found.several) == ["p", "q", "z"]
    assert texts(found.maybe) == [*texts(found.either), "z"] == ["r,s", "z"]


def test_what_is_no_secret_is_split_as_text_is():
    class Hosts:
        secret = False

        def resolve(self, reference: str) -> str:
            return "a,b"

    @dataclass(frozen=True)
    class Plain:
        hosts: list[str] = field(default_factory=list)

    environ = Environ(environ={"HOSTS": "${dns:x},c"})
    assert load(Plain, environ, resolvers={"dns": Hosts()}).current.hosts == ["a", "b", "c"]


@pytest.mark.parametrize("text", ["[${vault:0}]", '["${vault:0}', '"${vault:0},x'])
def test_text_that_is_no_list_as_it_is_written_is_none_by_what_is_answered(text):
    for held in ("1", '"x"', '"]', '"'):
        with pytest.raises(InvalidConfig) as caught:
            loaded([held], SEVERAL=text)
        assert [p.code for p in caught.value.problems] == ["type"]


@given(st.lists(st.tuples(st.booleans(), st.text(max_size=5)), max_size=6))
@settings(max_examples=200, deadline=None)
def test_a_woven_text_is_the_text_and_comes_back_from_behind_its_signs(parts):
    made = Woven.of(Answer(text) if answered else text for answered, text in parts)
    assert made == "".join(text for _, text in parts)
    shown, unveiled = veiled(made)
    assert unveiled(shown) == made
    assert unveiled([shown, {"x": shown}, 1]) == [made, {"x": made}, 1]
    assert type(plain(made)) is str
    assert Woven.of([made, "x"]) == made + "x"
    assert is_answer(answer("x"))
    assert not is_answer(plain(made))
