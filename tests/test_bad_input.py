"""Bad input, each with a clear typed error; what can crash an interpreter runs in another one."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from confkit import (
    REQUIRED,
    ConfkitError,
    DotEnv,
    Environ,
    File,
    InvalidConfig,
    SchemaError,
    Secret,
    Values,
    load,
)


@dataclass(frozen=True)
class Settings:
    name: str = "x"
    flag: bool = False
    size: int = 5
    rate: float = 1.0
    start: str = ""
    tags: list[str] = field(default_factory=list)
    anything: Any = None


@dataclass(frozen=True)
class Sealed:
    secret_key: Secret = REQUIRED


def refused(*sources: Any, settings: type = Settings, **kwargs: Any) -> str:
    with pytest.raises(InvalidConfig) as caught:
        load(settings, *sources, **kwargs)
    return str(caught.value)


def write(path: Path, content: str | bytes) -> File:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return File(path, root=path.parent)


def test_a_missing_config_directory(tmp_path):
    with pytest.warns(UserWarning, match="no configuration file was found in"):
        assert load(Settings, root=tmp_path, environ={}).current == Settings()
    assert "is no directory" in refused(root=tmp_path / "none")


def test_a_config_directory_that_is_a_file(tmp_path):
    (tmp_path / "config").write_text("")
    with pytest.warns(UserWarning, match="no configuration file was found in"):
        assert load(Settings, root=tmp_path, environ={}).current == Settings()


def test_an_unreadable_file(tmp_path, monkeypatch):
    source = write(tmp_path / "config.yaml", "size: 1")

    def denied(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("confkit.sources.reading.os.open", denied)
    assert "permission denied (config.yaml)" in refused(source)


@pytest.mark.parametrize("name", ["config.yaml", "config.json", "config.toml", ".env"])
def test_a_directory_in_place_of_a_file(tmp_path, name):
    (tmp_path / name).mkdir()
    assert f"is a directory, and a file is expected ({name})" in refused(root=tmp_path, environ={})


@pytest.mark.parametrize("name", ["config.yaml", "config.json", "config.toml", ".env"])
@pytest.mark.parametrize("content", [b"", b"\n \n", b"\xef\xbb\xbf"])
def test_an_empty_file(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    assert load(Settings, root=tmp_path, environ={}).current == Settings()


BAD = {
    "list root yaml": ("a.yaml", "- 1", "is not a mapping of keys to values (a.yaml:1:1)"),
    "text root yaml": ("a.yaml", "hello", "is not a mapping of keys to values (a.yaml:1:1)"),
    "list root json": ("a.json", "[]", "is not an object of keys and values (a.json:1:1)"),
    "tabs": ("a.yaml", "tags:\n\t- a", "indent with spaces, not with tabs"),
    "duplicate yaml": (
        "a.yaml",
        "size: 1\nsize: 2",
        "the key 'size' is already set in this mapping (a.yaml:2:1)",
    ),
    "duplicate json": (
        "a.json",
        '{"size": 1, "size": 2}',
        "is already set in this object (a.json:1:21)",
    ),
    "duplicate toml": ("a.toml", "size = 1\nsize = 2", "(a.toml:2:9)"),
    "python object": (
        "a.yaml",
        "name: !!python/object/apply:os.system ['touch /tmp/confkit-was-here']",
        "tags are not supported here (a.yaml:1:7)",
    ),
    "nul": ("a.yaml", b"name: a\0b", "holds a NUL character (a.yaml:1:8)"),
    "latin-1": (
        "a.yaml",
        "name: ü".encode("latin-1"),
        "is not UTF-8: save it as UTF-8 (a.yaml:1:7)",
    ),
    "utf-16": ("a.json", '{"size": 1}'.encode("utf-16"), "is UTF-16: save it as UTF-8"),
    "nan": ("a.json", '{"rate": NaN}', "NaN is not JSON (a.json:1:10)"),
    "comments": ("a.json", "{} // c", "JSON has no comments (a.json:1:4)"),
    "toml": ("a.toml", "size = ", "(a.toml:1:8)"),
    "5 MB": ("a.yaml", "#" * 5_000_000, "is larger than 4,096 kB (a.yaml)"),
    "5 MB json": ("a.json", " " * 5_000_000, "is larger than 4,096 kB (a.json)"),
    "alias bomb": (
        "a.yaml",
        "a0: &a0 [x,x,x,x,x,x,x,x,x]\n"
        + "".join(f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 8)),
        "has more than 100,000 values once its aliases are written out",
    ),
    "merge bomb": (
        "a.yaml",
        "a0: &a0 {k: v}\n"
        + "".join(f"a{i}: &a{i} {{<<: [{','.join([f'*a{i - 1}'] * 9)}]}}\n" for i in range(1, 9)),
        "has more than 100,000 values once its aliases are written out",
    ),
    "wrong type": ("a.json", '{"size": "many"}', "size: is not an integer (many, a.json:1:10)"),
    "number for text": ("a.json", '{"name": 5}', "name: is a number or a boolean, and text is"),
    "huge number": ("a.json", '{"rate": ' + "9" * 400 + "}", "rate: is not a finite number"),
    "mapping for a number": (
        "a.yaml",
        "size: {}",
        "size: is a mapping, and an integer is expected",
    ),
}


@pytest.mark.parametrize(("name", "content", "says"), BAD.values(), ids=BAD)
def test_a_bad_file(tmp_path, name, content, says):
    assert says in refused(write(tmp_path / name, content))
    assert not Path("/tmp/confkit-was-here").exists()


def test_a_byte_order_mark_and_windows_line_ends_are_fine_and_move_no_place(tmp_path):
    source = write(tmp_path / "a.yaml", b"\xef\xbb\xbfname: a\r\nsize: 6\r\n")
    config = load(Settings, source)
    assert config.current == Settings(name="a", size=6)
    assert str(config.explain("name").origin) == "a.yaml:1:7"
    assert str(config.explain("size").origin) == "a.yaml:2:7"


def test_yaml_1_1_traps_are_what_the_type_of_their_field_says(tmp_path):
    source = write(tmp_path / "a.yaml", "name: no\nflag: no\nsize: 012\nstart: 12:30\nanything: no")
    assert load(Settings, source).current == Settings(
        name="no", flag=False, size=12, start="12:30", anything="no"
    )


CRASHES = {
    "10,000 mappings": "'{a: ' * 10_000 + '1' + '}' * 10_000",
    "30 kB of [": "'name: ' + '[' * 30_000",
    "10,000 indents": "''.join(' ' * i + 'a:\\n' for i in range(1_500))",
    "closed": "'name: ' + '[' * 30_000 + ']' * 30_000",
}


@pytest.mark.parametrize("text", CRASHES.values(), ids=CRASHES)
@pytest.mark.parametrize("suffix", ["yaml", "json", "toml"])
def test_nesting_that_crashes_an_interpreter(tmp_path, text, suffix):
    code = (
        "import sys\n"
        "from dataclasses import make_dataclass\n"
        "from pathlib import Path\n"
        "from confkit import File, InvalidConfig, load\n"
        f"path = Path(sys.argv[1]) / 'a.{suffix}'\n"
        f"path.write_text({text})\n"
        "try: load(make_dataclass('S', [('name', str, 'x')], frozen=True), File(path))\n"
        "except InvalidConfig as error: print('refused', error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-500:]
    assert done.stdout.startswith("refused S: 1 problem")


@pytest.mark.parametrize("name", ["../../etc", "/etc", "a\nb", "%2e%2e", "a b"])
def test_an_environment_that_walks_the_file_system(tmp_path, name):
    assert "letters, digits, - and _ only" in refused(root=tmp_path, environ={"ENVIRONMENT": name})


def test_an_unknown_environment(tmp_path):
    (tmp_path / ".env.staging").write_text("")
    assert "did you mean staging?" in refused(root=tmp_path, environ={"ENVIRONMENT": "stagin"})


def test_two_fields_that_claim_one_variable():
    @dataclass(frozen=True)
    class Part:
        b: int = 1

    settings = dataclass(frozen=True)(
        type("Both", (), {"__annotations__": {"a_b": int, "a": Part}, "a_b": 1, "a": Part()})
    )
    with pytest.raises(SchemaError, match=r"a_b and a\.b both claim the environment variable A_B"):
        load(settings, Values({}))


def test_a_required_secret_that_is_not_set(tmp_path):
    says = "secret_key: is required and not set; set SECRET_KEY in the environment"
    assert says in refused(root=tmp_path, environ={}, settings=Sealed)


def test_a_circle_of_variables(tmp_path):
    (tmp_path / ".env").write_text("A=${B}\nB=${A}\nNAME=${A}\n")
    found = refused(DotEnv(tmp_path / ".env", root=tmp_path))
    assert "name: the variables go round in a circle: ${A} -> ${B} -> ${A}" in found


@pytest.mark.parametrize(
    "text",
    [
        "A0=x\n"
        + "".join(f'A{i}="${{A{i - 1}}}${{A{i - 1}}}"\n' for i in range(1, 23))
        + "NAME=${A22}",
        "A0=\n"
        + "".join(f'A{i}="${{A{i - 1}}}${{A{i - 1}}}"\n' for i in range(1, 19))
        + "NAME=${A18}",
        "NAME=" + "${" * 10_000,
        "NAME=" + "${A:-" * 3_000 + "}" * 3_000,
    ],
    ids=["doubling", "doubling nothing", "open", "nested"],
)
def test_bombs_of_variables(tmp_path, text):
    (tmp_path / ".env").write_text(text)
    assert len(refused(DotEnv(tmp_path / ".env"))) < 2_000


def test_an_unsupported_type_is_named_when_the_class_is_read_not_when_a_value_arrives():
    settings = dataclass(frozen=True)(
        type("Typed", (), {"__annotations__": {"blob": complex}, "blob": 0j})
    )
    with pytest.raises(SchemaError, match=r"Typed\.blob: the type complex is not"):
        load(settings, Values({}))


def test_mutable_defaults_are_refused_by_dataclasses_and_copied_from_factories():
    with pytest.raises(ValueError, match="mutable default"):
        dataclass(frozen=True)(type("M", (), {"__annotations__": {"a": list}, "a": []}))
    one, two = load(Settings, Values({})).current, load(Settings, Values({})).current
    one.tags.append("x")
    assert two.tags == []


def test_ten_thousand_unknown_keys_are_one_report(tmp_path):
    source = write(tmp_path / "a.yaml", "".join(f"sizes{i}: 1\n" for i in range(10_000)))
    assert refused(source).startswith("Settings: 10000 problems")


def test_log_injection_is_escaped(tmp_path):
    evil = "a\n2026-01-01 ERROR\x1b[31m\u202e"
    found = refused(
        Values({evil: 1, "size": evil}),
        Environ(environ={"RATE": evil}),
        write(tmp_path / "a.json", '{"x\\n\\u001b[31m": 1, "flag": "\\u202e\\n"}'),
    )
    assert all(line.isprintable() for line in found.split("\n"))
    assert not any(line.startswith("2026") for line in found.split("\n"))


def test_every_refusal_is_one_of_ours():
    assert issubclass(InvalidConfig, ConfkitError)
    assert issubclass(SchemaError, ConfkitError)
