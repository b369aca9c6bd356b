"""The env file with the keys: a new key in front, and none of the others is ever lost."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from confkit import EmptyKey, MalformedKey
from confkit.secrets import rotation
from confkit.secrets.keys import KeyRing, new_key

OLD, OTHER = new_key(), new_key()


@pytest.mark.parametrize(
    ("before", "count"),
    [
        (None, 1),
        ("", 1),
        ("# a comment without a line end", 1),
        (f"ENCRYPTION_KEY={OLD}\nOTHER=x\n", 2),
        (f"A=1\nENCRYPTION_KEYS={OLD},{OTHER}  # keys\r\nB=2\n", 3),
        (f"ENCRYPTION_KEYS='{OLD}'\nENCRYPTION_KEY={OTHER}\n", 3),
    ],
    ids=range(6),
)
def test_a_new_key_goes_in_front_of_the_others(tmp_path, before, count):
    path = tmp_path / "keys.env"
    if before is not None:
        path.write_text(before, newline="")
    ring = rotation.store_new_key(path)
    assert len(ring) == count
    token = KeyRing([OLD]).encrypt("x") if count > 1 else ring.encrypt("x")
    assert ring.decrypt(token) == "x"
    assert ring.position(token) == (1 if count > 1 else 0)
    after = path.read_bytes().decode()
    for line in (before or "").splitlines():
        if "ENCRYPTION_KEYS" not in line:
            assert line in after
    if before is None:
        assert path.stat().st_mode & 0o777 == 0o600
    assert len(rotation.store_new_key(path)) == count + 1


@pytest.mark.parametrize("before", [None, f"ENCRYPTION_KEY={OLD}\n"], ids=["none", "one"])
def test_keys_that_are_made_at_the_same_time_are_all_kept(tmp_path, before):
    path = tmp_path / "keys.env"
    if before is not None:
        path.write_text(before)
    start = threading.Barrier(8)
    made: list[str] = []
    failed: list[Exception] = []

    def make() -> None:
        start.wait()
        try:
            made.append(rotation.store_new_key(path).encrypt("x"))
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    ring = _ring(path)
    assert len(ring) == (8 if before is None else 9)
    assert [ring.decrypt(token) for token in made] == ["x"] * 8
    assert path.stat().st_mode & 0o777 == (0o600 if before is None else 0o644)


#: Prints the token that a process makes under the key that it stores.
STORING = """
import sys
from pathlib import Path
from confkit.secrets import rotation
sys.stdin.readline()
print(rotation.store_new_key(Path(sys.argv[1])).encrypt("x"))
"""


def test_keys_of_several_processes_are_all_kept(tmp_path):
    path = tmp_path / "keys.env"
    command = [sys.executable, "-c", STORING, str(path)]
    children = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    for child in children:  # each has imported everything before it waits for this line
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    made = [child.communicate()[0].strip() for child in children]
    assert [child.returncode for child in children] == [0] * 4
    ring = _ring(path)
    assert len(ring) == 4
    assert [ring.decrypt(token) for token in made] == ["x"] * 4


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("ENCRYPTION_KEYS=\n", EmptyKey),
        ("ENCRYPTION_KEY=''\n", EmptyKey),
        ("ENCRYPTION_KEYS=${ENCRYPTION_KEYS}\n", MalformedKey),
        (f"ENCRYPTION_KEYS={OLD},short\n", MalformedKey),
    ],
    ids=range(4),
)
def test_a_key_file_that_cannot_be_continued_stays_as_it_is(tmp_path, text, kind):
    path = tmp_path / "keys.env"
    path.write_text(text)
    with pytest.raises(kind):
        rotation.store_new_key(path)
    assert path.read_text() == text


def _ring(keys: Path) -> KeyRing:
    found = rotation.keys_in(keys)
    return KeyRing.from_variables(lambda name: found[name].reveal() if name in found else None)
