"""Tokens of files under the newest key: layout kept, all or nothing, and no crash loses one."""

from __future__ import annotations

import base64
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from confkit import (
    BrokenToken,
    MissingKey,
    SecretDenied,
    SecretNotFound,
    WrongKey,
)
from confkit.secrets import rotation
from confkit.secrets.keys import KeyRing, new_key

OLD, NEW, OTHER = new_key(), new_key(), new_key()
RING = KeyRing([NEW, OLD])


def old(text: str) -> str:
    return KeyRing([OLD]).encrypt(text)


def twice(token: str) -> str:
    return base64.b64encode(token.encode()).decode()


def tokens(text: str) -> list[str]:
    return [match[0] for match in rotation.TOKEN.finditer(text)]


ENV = """\
# keys of the shop\r
API_KEY=enc:{a}  # the API\r
export OTHER = '${{fernet:{b}}}'\r
\r
QUOTED="{c}"
JWT_SECRET_ENCRYPTED={d}
PLAIN=gAAAAexample
"""
YAML = """\
# layout   stays
database:
    url:    postgresql://u:${{fernet:{a}}}@h/db   # inside
    keys: [ "enc:{b}",
            'enc:{c}' ]
"""


def test_every_token_is_rotated_and_nothing_else_changes(tmp_path):
    env = ENV.format(a=old("a"), b=old("b"), c=RING.encrypt("c"), d=twice(old("d")))
    yaml = YAML.format(a=old("a"), b=old("b"), c=old("c"))
    for name, text in ((".env", env), ("c.yaml", yaml)):
        (tmp_path / name).write_bytes(b"\xef\xbb\xbf" + text.encode())
        (tmp_path / name).chmod(0o640)
    planned = rotation.plan([tmp_path / ".env", tmp_path / "c.yaml"], RING)
    assert [(one.tokens, one.old) for one in planned] == [(4, 3), (3, 3)]
    assert (tmp_path / ".env").read_bytes().decode("utf-8-sig") == env
    rotation.write(planned)
    for name, text, texts in ((".env", env, "abcd"), ("c.yaml", yaml, "abc")):
        after = (tmp_path / name).read_bytes().decode("utf-8-sig")
        assert [KeyRing([NEW]).decrypt(token) for token in tokens(after)] == list(texts)
        assert rotation.TOKEN.sub("*", after) == rotation.TOKEN.sub("*", text)
        assert not any(token.startswith("Z0FB") for token in tokens(after))
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o640
    again = rotation.plan([tmp_path / ".env", tmp_path / "c.yaml"], RING)
    assert [one.old for one in again] == [0, 0]


def test_if_one_cannot_be_opened_nothing_is_written_and_its_line_is_named(tmp_path):
    (tmp_path / "a.env").write_text(f"A={old('a')}\n")
    (tmp_path / "b.env").write_text(f"A={old('a')}\n\nB=enc:{KeyRing([OTHER]).encrypt('b')}\n")
    with pytest.raises(WrongKey, match=r"b\.env:3: none of the 2 keys") as caught:
        rotation.plan([tmp_path / "a.env", tmp_path / "b.env"], RING)
    assert "gAAAA" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "A={}\n",
        "A=>-\n  {}\n",
        "A={}\\\n",
    ],
)
def test_a_part_of_a_token_is_refused_with_its_line(tmp_path, text):
    token = old("some text that makes it longer")
    (tmp_path / "a.yaml").write_text("# one\n" + text.format(token[:60]) + "  " + token[60:])
    with pytest.raises(BrokenToken, match=r"a\.yaml:[23]: a token is cut"):
        rotation.plan([tmp_path / "a.yaml"], RING)


@pytest.mark.parametrize("before", ["-", "/", "_", "n", "A0+", r'"a\n', r"'\t", "xenc"])
@pytest.mark.parametrize("made", [old, lambda text: twice(old(text))], ids=["plain", "twice"])
def test_a_token_that_follows_other_text_directly_is_refused_with_its_line(tmp_path, before, made):
    path = tmp_path / "a.yaml"
    path.write_text(f"# one\nA: enc:{old('a')}\nB: {before}{made('b')}\n")
    with pytest.raises(BrokenToken, match=r"a\.yaml:3: ") as caught:
        rotation.plan([path], RING)
    assert "gAAAA" not in str(caught.value)
    assert "Z0FB" not in str(caught.value)


def test_a_picture_in_base64_holds_no_token(tmp_path):
    (tmp_path / "a.yaml").write_text(
        "a: iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI\n"
    )
    assert rotation.plan([tmp_path / "a.yaml"], RING)[0].tokens == 0


def test_a_file_that_is_named_twice_is_rotated_once(tmp_path):
    path, link = tmp_path / "a.env", tmp_path / "link.env"
    path.write_text(f"A=enc:{old('a')}\n")
    link.symlink_to(path)
    planned = rotation.plan([path, link, tmp_path / "." / "a.env", path], RING)
    assert [(one.path, one.tokens) for one in planned] == [(path, 1)]
    planned = rotation.plan([link, path], RING)
    assert [one.path for one in planned] == [link]
    rotation.write(planned)
    assert link.is_symlink()
    assert [KeyRing([NEW]).decrypt(token) for token in tokens(path.read_text())] == ["a"]


def test_without_a_key_a_token_is_refused_with_its_line_and_none_is_no_error(tmp_path):
    (tmp_path / "a.env").write_text("A=x\n")
    (tmp_path / "b.env").write_text(f"A=x\nB=enc:{old('b')}\n")
    assert [one.tokens for one in rotation.plan([tmp_path / "a.env"], None)] == [0]
    with pytest.raises(MissingKey, match=r"b\.env:2: "):
        rotation.plan([tmp_path / "a.env", tmp_path / "b.env"], None)


def test_examples_in_comments_are_no_tokens(tmp_path):
    (tmp_path / "a.env").write_text("# write enc:gAAAA... or ${fernet:gAAAAAB...}\nA=x\n")
    assert rotation.plan([tmp_path / "a.env"], RING)[0].tokens == 0


def test_a_file_that_is_missing_or_changed_meanwhile_is_refused(tmp_path):
    path = tmp_path / "a.env"
    with pytest.raises(SecretNotFound, match="there is no file"):
        rotation.plan([path], RING)
    path.write_text(f"A={old('a')}\n")
    planned = rotation.plan([path], RING)
    path.write_text("A=changed\n")
    with pytest.raises(SecretDenied, match="changed meanwhile"):
        rotation.write(planned)
    assert path.read_text() == "A=changed\n"


def test_what_it_holds_is_not_printed(tmp_path):
    (tmp_path / "a.env").write_text(f"A={old('a')}\nPASSWORD=hunter2\n")
    planned = rotation.plan([tmp_path / "a.env"], RING)
    assert "hunter2" not in repr(planned)
    assert str(tmp_path) in repr(planned) or "a.env" in repr(planned)


#: In a child for each step, rotates with every call that touches the disk counted, and is killed
#: at the n-th; prints how each child ended.
KILLED = """
import os, signal, sys, tempfile
from pathlib import Path
from confkit.cli import main
import click, confkit.cli.secrets.group, confkit.cli.secrets.tokens

CALLS = ((os, "replace"), (os, "fsync"), (os, "open"), (os, "close"), (os, "fchmod"),
         (os, "unlink"), (tempfile, "mkstemp"), (os, "fdopen"))

def killing(call):
    def run(*args, **kwargs):
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*args, **kwargs)
    return run

step = 0
while True:
    place = Path(sys.argv[1]) / str(step)
    words = ["secrets", "rotate", str(place / "a.env"), str(place / "b.yaml"),
             "--keys", str(place / "keys.env"), "--new-key"]
    child = os.fork()
    if not child:
        left = step
        for module, name in CALLS:
            setattr(module, name, killing(getattr(module, name)))
        os._exit(main(words))
    _, status = os.waitpid(child, 0)
    print(step, os.waitstatus_to_exitcode(status), flush=True)
    if not os.WIFSIGNALED(status):
        break
    step += 1
"""


@pytest.mark.slow
def test_killed_at_any_step_every_token_can_be_read(tmp_path):
    script = tmp_path / "run.py"
    script.write_text(KILLED)
    for step in range(150):
        place = tmp_path / str(step)
        place.mkdir()
        (place / "keys.env").write_text(f"ENCRYPTION_KEY={OLD}\n")
        env = ENV.format(a=old("a"), b=old("b"), c=old("c"), d=twice(old("d")))
        (place / "a.env").write_text(env)
        (place / "b.yaml").write_text(YAML.format(a=old("a"), b=old("b"), c=old("c")))
    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path)], capture_output=True, text=True, check=True
    )
    ends = [line.split() for line in done.stdout.splitlines() if line[:1].isdigit()]
    codes = [int(line[1]) for line in ends if len(line) == 2]
    assert codes == [-signal.SIGKILL] * (len(codes) - 1) + [0]
    assert len(codes) > 20
    new = 0
    for step in range(len(codes)):
        place = tmp_path / str(step)
        files = [place / "a.env", place / "b.yaml"]
        _all_readable(place / "keys.env", files)
        # The next run cleans up and finishes.
        ring = rotation.store_new_key(place / "keys.env")
        planned = rotation.plan(files, ring)
        new += sum(one.old for one in planned)
        rotation.write(planned)
        _all_readable(place / "keys.env", files)
        assert not list(place.glob(".*.tmp"))
    assert new == 7 * len(codes)


def _ring(keys: Path) -> KeyRing:
    found = rotation.keys_in(keys)
    return KeyRing.from_variables(lambda name: found[name].reveal() if name in found else None)


def _all_readable(keys: Path, files: list[Path]) -> None:
    ring = _ring(keys)
    texts = [[ring.decrypt(token) for token in tokens(path.read_text())] for path in files]
    assert texts == [list("abcd"), list("abc")]
    assert keys.stat().st_size > 44
