"""A canary goes through every layer and every failure, and comes out nowhere."""

from __future__ import annotations

import dataclasses
import io
import json
import logging
import pickle
import traceback
import warnings
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confkit import (
    REQUIRED,
    Argv,
    Check,
    ConfkitError,
    DotEnv,
    Environ,
    File,
    InvalidSource,
    Layer,
    Renamed,
    Secret,
    SecretError,
    Url,
    Values,
    diff,
    load,
)
from confkit.resolution.snapshot import Resolution

CANARY = "C4n4ry-ünd-Geheim"


@dataclass(frozen=True)
class Account:
    user: str = "u"
    password: Secret = Secret("none")

    def __post_init__(self) -> None:
        if self.user == "bad":
            raise ValueError(f"{self.password.reveal()} of {self.user}")


def refuse(field: str, value: Any, error: Any) -> None:
    if value is not None:  # Cerberus asks a checker about null, too
        error(field, f"{value} is weak")


@dataclass(frozen=True)
class Settings:
    key: Annotated[Secret, Renamed("old_key")] = REQUIRED
    long: Annotated[Secret | None, Check(minlength=99)] = None
    chosen: Annotated[Secret | None, Check(allowed=[f"other {CANARY}"])] = None
    matched: Annotated[Secret | None, Check(regex="[0-9]+")] = None
    checked: Annotated[Secret | None, Check(check_with=refuse)] = None
    either: Annotated[Secret | None, Check(anyof=[{"maxlength": 1}, {"regex": "x"}])] = None
    place: Annotated[Secret | None, Url("postgresql")] = None
    listed: list[Secret] = field(default_factory=list)
    named: dict[str, Secret] = field(default_factory=dict)
    accounts: list[Account] = field(default_factory=list)
    tenants: dict[str, Account] = field(default_factory=dict)
    owner: Account = field(default_factory=Account)
    stripe_token: str = ""
    session_pin: int = 0
    service: str = ""


def reachable(error: BaseException) -> list[str]:
    """Everything that a report, a log or a debugger's frame list could print of an error."""
    texts: list[str] = []
    seen: set[int] = set()
    todo: list[Any] = [error]
    while todo:
        one = todo.pop()
        if id(one) in seen or isinstance(one, Secret | Layer | type(json)):
            continue
        seen.add(id(one))
        if isinstance(one, Resolution):
            texts += [repr(one), str(one.matrix()), *(str(one.explain(k)) for k in one.keys)]
            continue  # it holds every raw value, and shows none
        if isinstance(one, str):
            texts.append(one)
            continue
        if isinstance(one, BaseException):
            texts += ["".join(traceback.format_exception(one)), str(one), repr(one)]
            todo += [one.args, one.__cause__, one.__context__, vars(one)]
            texts += getattr(one, "__notes__", [])
        elif isinstance(one, dict):
            todo += [*one.keys(), *one.values()]
        elif isinstance(one, list | tuple | set | frozenset):
            todo += list(one)
        elif dataclasses.is_dataclass(one):
            todo += [getattr(one, f.name) for f in dataclasses.fields(one)]
    return texts


def failure(*sources: Any, **kwargs: Any) -> str:
    """All that a failing load lets out: the error, its chain, warnings, logs and streams."""
    out = io.StringIO()
    records: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: records.append(str(vars(record)))  # type: ignore[method-assign]
    logging.getLogger().addHandler(handler)
    try:
        with (
            warnings.catch_warnings(record=True) as caught,
            redirect_stdout(out),
            redirect_stderr(out),
        ):
            warnings.simplefilter("always")
            with pytest.raises(ConfkitError) as error:
                load(Settings, *sources, **kwargs)
    finally:
        logging.getLogger().removeHandler(handler)
    texts = reachable(error.value)
    texts += [json.dumps([p.as_dict() for p in error.value.problems])]
    texts += [str(w.message) for w in caught]
    texts.append(str(pickle.loads(pickle.dumps(error.value))))
    return "\n".join([*texts, *records, out.getvalue()])


def leaks(text: str, canary: str = CANARY) -> bool:
    forms = {canary, repr(canary)[1:-1], json.dumps(canary)[1:-1]}
    return any(form in text for form in forms)


BROKEN: dict[str, dict[str, Any]] = {
    "too short": {"long": CANARY},
    "not allowed": {"chosen": CANARY},
    "no match": {"matched": CANARY},
    "own checker": {"checked": CANARY},
    "alternatives": {"either": CANARY},
    "no url": {"place": CANARY},
    "url with a bad port": {"place": f"postgresql://u:{CANARY}@h:x/"},
    "url with a slash": {"place": f"postgresql://u:a/{CANARY}@h/"},
    "list in broken json": {"listed": f'["{CANARY}"'},
    "mapping in a list": {"listed": [{"x": CANARY}]},
    "list for a text": {"key": [CANARY]},
    "mapping for a text": {"key": {"x": CANARY}},
    "unknown key": {"kye": CANARY},
    "unknown key below": {"owner.passwrod": CANARY},
    "unknown field of an item": {"accounts": [{"user": "u", "passwrod": CANARY}]},
    "text for an item": {"accounts": [CANARY]},
    "text for a section": {"owner": CANARY},
    "refused section": {"owner": {"user": "bad", "password": CANARY}},
    "refused item": {"accounts": [{"user": "bad", "password": CANARY}]},
    "refused tenant": {"tenants": {"t": {"user": "bad", "password": CANARY}}},
    "number field of a telling name": {"session_pin": CANARY},
    "text field of a telling name": {"stripe_token": [CANARY]},
    "list for a url": {"service": [f"https://u:{CANARY}@h"]},
    "not closed": {"key": "x${" + CANARY},
    "no form": {"key": "x${ " + CANARY + "}"},
    "no form in a list": {"listed": ["x${ " + CANARY + "}"]},
    "old name": {"old_key": [CANARY]},
}


@pytest.mark.parametrize("values", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("form", ["values", "json", "yaml", "flow", "override"])
@pytest.mark.filterwarnings("ignore:old_key is now called key")
def test_no_failure_shows_a_secret(tmp_path, values, form):
    good = Values({"key": "k"})
    if form == "override":
        config = load(Settings, good)
        if any("$" in str(v) for v in values.values()):
            return  # what code says is final
        with pytest.raises(ConfkitError) as caught, config.override(values):
            pytest.fail("must not be entered")
        assert not leaks("\n".join(reachable(caught.value)))
        assert not leaks(repr(config))
        return
    if form == "values":
        if any("$" in str(v) for v in values.values()):
            return
        source: Any = Values(values)
    elif form == "json":
        (tmp_path / "a.json").write_text(json.dumps(values))
        source = File(tmp_path / "a.json")
    else:
        indent = 1 if form == "yaml" else None
        (tmp_path / "a.yaml").write_text(json.dumps(values, indent=indent, ensure_ascii=False))
        source = File(tmp_path / "a.yaml")
    assert not leaks(failure(good, source))


SYNTAX = {
    "a.yaml": [
        f"key: {CANARY}: x",
        f"key: '{CANARY}",
        f"key: [{CANARY}",
        f"key: a\n\t{CANARY}: x",
        f"key: !{CANARY} x",
        f"key: !!int {CANARY}\nkey: {CANARY}",
        f"key: *{CANARY[:6]}\nx: {CANARY}",
        f"{{key: {CANARY}, nope: 1, key: 2}}",
        f"{CANARY}",
        f"- {CANARY}",
    ],
    "a.json": [
        f'{{"key": {CANARY}}}',
        f'{{"key": "{CANARY}',
        f'{{"key": "{CANARY}", "key": 1}}',
        f'"{CANARY}"',
        f'{{"key": "{CANARY}"}} // {CANARY}',
    ],
    "a.toml": [f"key = {CANARY}", f"key = '{CANARY}", f"key = '{CANARY}'\nkey = 1", f"= {CANARY}"],
    ".env": [f"KEY='{CANARY}", f'KEY="{CANARY}" x', f"KEY={CANARY}\nBROKEN {CANARY} x"],
}


@pytest.mark.parametrize(
    ("name", "text"), [(name, text) for name, texts in SYNTAX.items() for text in texts]
)
def test_no_syntax_error_shows_the_line(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text)
    source: Any = DotEnv(path) if name == ".env" else File(path)
    assert not leaks(failure(source))
    with pytest.raises(InvalidSource) as caught:
        source.read()
    assert not leaks(str(caught.value) + repr(caught.value) + repr(caught.value.partial))


@pytest.mark.parametrize(
    "sources",
    [
        [Environ(environ={"LONG": CANARY, "LISTED": f"[{CANARY}", "OWNER": f'{{"x": "{CANARY}"'})],
        [Environ(environ={"SESSION_PIN": CANARY, "TENANTS__T__PASSWROD": CANARY})],
        [Environ(environ={"NAMED": f'{{"a": ["{CANARY}"]}}', "KYE": CANARY})],
        [Argv(["--long", CANARY, "--kye", CANARY, CANARY])],
        [Argv(["--set", f"long={CANARY}", "--set", CANARY])],
    ],
)
def test_no_variable_and_no_option_shows_a_secret(sources):
    assert not leaks(failure(*sources))


class Vault:
    secret = True

    def __init__(self, error: type[Exception] | None = None) -> None:
        self.error = error

    def resolve(self, reference: str) -> str:
        if self.error:
            raise self.error("the vault is sealed") from RuntimeError(CANARY)
        return CANARY


@pytest.mark.parametrize(
    "text",
    [
        "service: ${vault:x}",
        "session_pin: ${vault:x}",
        "service: 'a${vault:x}b'",
        "listed: ['${vault:x}', [1]]",
        "long: ${vault:x}",
        "place: postgresql://u:${vault:x}@h:x/",
        "owner: {user: bad, password: '${vault:x}'}",
        "service: ${VIA}",
    ],
)
def test_no_resolved_secret_is_shown(tmp_path, text):
    (tmp_path / "a.yaml").write_text(f"key: k\n{text}\n")
    (tmp_path / ".env").write_text("VIA=${vault:x}\n")
    sources = File(tmp_path / "a.yaml"), DotEnv(tmp_path / ".env")
    assert not leaks(failure(*sources, resolvers={"vault": Vault()}))


@pytest.mark.parametrize("error", [SecretError, LookupError])
def test_no_third_party_error_is_chained(tmp_path, error):
    (tmp_path / "a.yaml").write_text("key: ${vault:x}\n")
    assert not leaks(failure(File(tmp_path / "a.yaml"), resolvers={"vault": Vault(error)}))


def outputs(config: Any) -> str:
    """Every text, JSON and HTML that a working configuration gives."""
    snapshot = config.snapshot
    texts = [repr(config), repr(snapshot), repr(config.current), str(config.current)]
    texts += [repr(snapshot.stack), repr(snapshot.read), repr(config.sources)]
    for explanation in (config.explain(), *(config.explain(key) for key in snapshot.keys)):
        texts += [str(explanation), repr(explanation), explanation._repr_html_()]
        texts.append(json.dumps(explanation.as_dict(), ensure_ascii=False))
    for section in snapshot.schema.sections:
        texts.append(str(config.explain(section)))
    other = load(Settings, Values({"key": "other"})).snapshot
    for found in (diff(other, snapshot), diff(snapshot, other, moved=True)):
        texts += [str(found), repr(found), found._repr_html_()]
        texts.append(json.dumps(found.as_dict(), ensure_ascii=False))
    texts.append(json.dumps(dataclasses.asdict(config.current), default=str))
    return "\n".join(texts)


#: What a terminal can print, and no reference.
CHARACTERS = st.characters(
    exclude_categories=("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"), exclude_characters="$"
)
TEXTS = st.text(CHARACTERS | st.just(" "), min_size=6, max_size=20)


@given(TEXTS)
def test_no_output_shows_a_secret(text):
    canary = f"<{text}>§"  # what markup has of its own ends otherwise
    values = {
        "key": canary,
        "listed": [canary],
        "named": {"a": canary},
        "accounts": [{"password": canary}],
        "tenants": {"t": {"password": canary}},
        "owner": {"password": canary},
        "place": None,
    }
    config = load(Settings, Values(values), Environ(environ={"KEY": canary}))
    assert config.current.key.reveal() == canary
    with config.override({"key": canary, "named.b": canary}):
        config.set("owner.password", canary)
        shown = outputs(config)
    assert not leaks(shown, canary)
    assert not leaks(outputs(config), canary)


def test_no_output_shows_what_a_name_or_a_url_gives_away():
    values = {
        "key": "k",
        "stripe_token": CANARY,
        "session_pin": 98765432,
        "service": f"https://u:{CANARY}@h/?token={CANARY}",
    }
    shown = outputs(load(Settings, Values(values)))
    # The user's own dataclass prints a plain text field: what is secret has to be a Secret.
    shown = "\n".join(line for line in shown.split("\n") if not line.startswith("Settings("))
    texts = shown.rpartition("\n")[0]
    assert not leaks(texts)
    assert "98765432" not in texts


def test_nothing_is_written_anywhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    load(Settings, Values({"key": CANARY}))
    assert list(Path().iterdir()) == []
