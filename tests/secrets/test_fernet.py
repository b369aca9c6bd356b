"""``${fernet:...}`` and ``enc:...`` in a load, out of the box."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field

import pytest

from confkit import DotEnv, Environ, InvalidConfig, Secret, load
from confkit.secrets.fernet import FernetResolver
from confkit.secrets.keys import KeyRing, new_key

KEY, OTHER = new_key(), new_key()


@dataclass(frozen=True)
class Settings:
    key: Secret = Secret("")
    url: Secret = Secret("")
    keys: list[Secret] = field(default_factory=list)
    plain: str = ""


def token(text: str, key: str = KEY) -> str:
    return KeyRing([key]).encrypt(text)


def test_both_spellings_work_in_every_text_source(tmp_path):
    (tmp_path / "config.yaml").write_text(f"key: ${{fernet:{token('yaml')}}}\n")
    (tmp_path / ".env").write_text(f"ENCRYPTION_KEY={KEY}\nURL=enc:{token('env')}\n")
    config = load(Settings, root=tmp_path, environ={})
    assert config.current.key.reveal() == "yaml"
    assert config.current.url.reveal() == "env"
    environ = {"KEY": f"enc:{token('variable')}", "ENCRYPTION_KEYS": KEY}
    config = load(Settings, root=tmp_path, environ=environ, argv=["--url", f"enc:{token('argv')}"])
    assert config.current.key.reveal() == "variable"
    assert config.current.url.reveal() == "argv"


def test_inside_longer_text_and_inside_lists(tmp_path):
    tokens = [f"enc:{token('one')}", f"a${{fernet:{token('two')}}}b"]
    url = f"postgresql://u:${{fernet:{token('pw')}}}@h/db"
    (tmp_path / "config.json").write_text(json.dumps({"keys": tokens, "url": url}))
    config = load(Settings, root=tmp_path, environ={"ENCRYPTION_KEY": KEY})
    assert [key.reveal() for key in config.current.keys] == ["one", "atwob"]
    assert config.current.url.reveal() == "postgresql://u:pw@h/db"


def test_the_key_can_be_a_reference_itself_and_names_itself_as_in_the_document(tmp_path):
    (tmp_path / "key").write_text(KEY + "\n")
    (tmp_path / ".env").write_text(
        f"ENCRYPTION_KEY='${{file:{tmp_path}/key}}'\nKEY=enc:{token('x')}\n"
    )
    assert load(Settings, root=tmp_path, environ={}).current.key.reveal() == "x"
    (tmp_path / ".env").write_text(f"ENCRYPTION_KEY=${{ENCRYPTION_KEY}}\nKEY=enc:{token('x')}\n")
    config = load(Settings, root=tmp_path, environ={"ENCRYPTION_KEY": KEY})
    assert config.current.key.reveal() == "x"


@pytest.mark.parametrize(
    ("environ", "text", "code", "message"),
    [
        ({}, token("x"), "missing-key", "no encryption key: set ENCRYPTION_KEYS or ENCRYPTION_KEY"),
        ({"ENCRYPTION_KEY": ""}, token("x"), "empty-key", "ENCRYPTION_KEY is empty"),
        ({"ENCRYPTION_KEY": "short"}, token("x"), "malformed-key", "ENCRYPTION_KEY is no Fernet"),
        ({"ENCRYPTION_KEY": OTHER}, token("x"), "wrong-key", "the key of ENCRYPTION_KEY does not"),
        ({"ENCRYPTION_KEY": KEY}, token("x")[:-8], "broken-token", "cut or altered"),
    ],
    ids=["missing", "empty", "malformed", "wrong", "broken"],
)
@pytest.mark.parametrize("form", ["${{fernet:{}}}", "enc:{}"], ids=["reference", "prefix"])
def test_the_five_errors_name_variable_file_and_line(tmp_path, environ, text, code, message, form):
    (tmp_path / "a.env").write_text("# secrets\nKEY=" + form.format(text) + "\n")
    with pytest.raises(InvalidConfig) as caught:
        load(Settings, DotEnv(tmp_path / "a.env"), Environ(environ=environ))
    (problem,) = caught.value.problems
    assert problem.code == code
    assert message in problem.message
    assert str(problem.origin).endswith("a.env:2")
    assert text not in str(caught.value)


def test_a_key_that_is_encrypted_with_itself_is_no_endless_loop(tmp_path):
    (tmp_path / ".env").write_text(f"ENCRYPTION_KEY=enc:{token('x')}\nKEY=enc:{token('y')}\n")
    with pytest.raises(InvalidConfig, match="leads to itself"):
        load(Settings, root=tmp_path, environ={})


def test_the_token_is_shown_nowhere_and_the_value_is_masked(tmp_path):
    text = token("hunter2-hunter2")
    (tmp_path / ".env").write_text(f"KEY='${{fernet:{text}}}'\nURL=enc:{text}\n")
    config = load(Settings, root=tmp_path, environ={"ENCRYPTION_KEY": KEY})
    for key in ("key", "url"):
        shown = str(config.explain(key))
        assert "hunter2" not in shown
        assert "using ${fernet:...}" in shown
    assert "hunter2" not in str(config.explain())


def test_an_encrypted_value_in_a_plain_field_is_a_problem(tmp_path):
    (tmp_path / ".env").write_text(f"PLAIN=enc:{token('hunter2')}\n")
    with pytest.raises(InvalidConfig, match="is built from a secret"):
        load(Settings, root=tmp_path, environ={"ENCRYPTION_KEY": KEY})


def test_a_ring_of_ones_own_and_a_time_to_live():
    resolver = FernetResolver(KeyRing([KEY]))
    assert resolver.with_variables({}.get) is resolver
    assert resolver.resolve(token("x")) == "x"
    environ = Environ(environ={"KEY": f"enc:{token('x')}"})
    assert load(Settings, environ, resolvers={"fernet": resolver}).current.key.reveal() == "x"
    assert resolver.version("gAAAA") == resolver.version("gAAAA")
    assert KEY not in repr(resolver) + repr(FernetResolver())


def test_without_variables_of_a_load_it_reads_the_environment(monkeypatch):
    monkeypatch.setenv("ENCRYPTION_KEY", KEY)
    assert FernetResolver().resolve(token("x")) == "x"


def test_a_missing_library_is_a_problem_with_the_line_that_installs_it(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "cryptography.fernet", None)
    monkeypatch.delitem(sys.modules, "confkit.secrets.keys")
    (tmp_path / ".env").write_text(f"KEY=enc:{token('x')}\n")
    with pytest.raises(InvalidConfig, match=r"pip install 'confkit-toolkit\[secrets\]'") as caught:
        load(Settings, root=tmp_path, environ={"ENCRYPTION_KEY": KEY})
    assert caught.value.problems[0].code == "missing-extra"
