"""Text that cannot be read is told by its place: no message quotes a secret from it."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from confkit import DotEnv, File, InvalidConfig, Secret, load, resolve

TOKEN = "ghp_" + "a1B2" * 9
PASSWORD = "hunter2-hunter2"


@dataclass(frozen=True)
class Settings:
    a: int = 1
    password: Secret = Secret("")
    m: dict[str, str] = field(default_factory=dict)


BROKEN = {
    "a.yaml": [
        f"{TOKEN}: 1\n{TOKEN}: 2\n",
        f"m:\n  'password={PASSWORD}': x\n  'password={PASSWORD}': y\n",
        f"password: {PASSWORD}\npassword: {PASSWORD}x\n",
        f"password: {{{PASSWORD}: 1, {PASSWORD}: 2}}\n",
        f"password: [{{b: {{{PASSWORD}: 1, {PASSWORD}: 2}}}}]\n",
        f"password: [{PASSWORD}\n",
        f"password: '{PASSWORD}\n",
        f"a: {PASSWORD}: x\n",
        f"password: *{PASSWORD}\n",
        f"password: !{PASSWORD} 1\n",
        f"? [{PASSWORD}]\n: 1\n",
        f'password: "\\q{PASSWORD}"\n',
        f"\tpassword: {PASSWORD}\n",
        f"{PASSWORD}\n",
    ],
    "a.json": [
        f'{{"{TOKEN}":1,"{TOKEN}":2}}',
        f'{{"m":{{"password={PASSWORD}":"1","password={PASSWORD}":"2"}}}}',
        f'{{"password":{{"{PASSWORD}":1,"{PASSWORD}":2}}}}',
        f'{{"password":"{PASSWORD}","password":"{PASSWORD}y"}}',
        f'{{"password":{PASSWORD}}}',
        f'{{"password":"{PASSWORD}',
        f'"{PASSWORD}"',
        f'{{"password":"\\q{PASSWORD}"}}',
    ],
    "a.toml": [
        f"[{TOKEN}]\n[{TOKEN}]\n",
        f'"{TOKEN}"=1\n"{TOKEN}"=2\n',
        f'[m]\n"password={PASSWORD}"="1"\n"password={PASSWORD}"="2"\n',
        f'password="{PASSWORD}"\npassword="{PASSWORD}"\n',
        f"password={PASSWORD}\n",
        f'password="{PASSWORD}\n',
        f"{PASSWORD}\n",
        f'password="\\q{PASSWORD}"\n',
    ],
    ".env": [
        f"PASSWORD='{PASSWORD}\n",
        f"PASS WORD={PASSWORD}\n",
        f"PASSWORD=${{{PASSWORD}\n",
        f'PASSWORD="{PASSWORD}"x\n',
        f'M={{"password":"{PASSWORD}" x\n',
    ],
}


@pytest.mark.parametrize(
    ("name", "number"), [(name, n) for name in BROKEN for n in range(len(BROKEN[name]))]
)
def test_no_message_about_a_text_quotes_a_secret(tmp_path, name, number):
    file = tmp_path / name
    file.write_text(BROKEN[name][number])
    source = DotEnv(file) if name == ".env" else File(file)
    problems = resolve(Settings, source).problems
    assert problems
    with pytest.raises(InvalidConfig) as caught:
        load(Settings, source)
    told = [str(caught.value), repr(caught.value), *map(str, problems), *map(repr, problems)]
    for secret in (TOKEN, PASSWORD):
        assert not [text for text in told if secret in text]


def test_a_key_that_is_set_twice_is_named_where_it_is_no_secret(tmp_path):
    file = tmp_path / "a.yaml"
    file.write_text("m:\n  x: 1\n  x: 2\n")
    (problem,) = resolve(Settings, File(file)).problems
    assert "'x'" in problem.message
