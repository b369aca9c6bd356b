"""Which directories decide what a path holds, and when its content differs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from confkit.watched_paths import digest, directories, identity, pinned


@pytest.fixture
def here(tmp_path: Path) -> Path:
    return Path(os.path.realpath(tmp_path))


def test_a_plain_file_has_its_directory_and_the_one_above(here):
    (here / "etc").mkdir()
    assert directories([here / "etc" / "app.yaml"]) == {here / "etc", here}


def test_every_link_on_the_way_counts(here):
    for name in ("a", "b", "c"):
        (here / name).mkdir()
    (here / "a" / "app.yaml").symlink_to("../b/app.yaml")
    (here / "b" / "app.yaml").symlink_to(here / "c" / "app.yaml")
    (here / "c" / "app.yaml").write_text("")
    assert directories([here / "a" / "app.yaml"]) == {
        here,
        here / "a",
        here / "b",
        here / "c",
    }


def test_a_directory_that_is_a_link(here):
    (here / "real").mkdir()
    (here / "real" / "etc").mkdir()
    (here / "etc").symlink_to("real/etc")
    found = directories([here / "etc" / "app.yaml"])
    assert found == {here, here / "real" / "etc", here / "real"}


def test_a_directory_of_files_is_watched_itself(here):
    (here / "secrets").mkdir()
    assert here / "secrets" in directories([here / "secrets"])


def test_the_nearest_directory_that_exists_stands_for_one_that_does_not(here):
    assert directories([here / "x" / "y" / "z" / "app.yaml"]) == {here}


def test_links_in_a_circle_end(here):
    (here / "a").symlink_to("b")
    (here / "b").symlink_to("a")
    assert here in directories([here / "a"])
    assert digest(here / "a") == "unreadable"


def test_another_directory_of_the_same_name_has_another_identity(here):
    (here / "etc").mkdir()
    before = identity([here / "etc"])
    (here / "etc").rename(here / "old")
    (here / "etc").mkdir()
    assert identity([here / "etc"]) != before
    shutil.rmtree(here / "etc")
    assert identity([here / "etc"]) == frozenset()


def test_the_digest_of_what_is_no_file(here):
    assert digest(here / "none") == "missing"
    assert digest(here / "none" / "below") == "missing"
    os.mkfifo(here / "pipe")
    assert digest(here / "pipe") == "unreadable"
    assert digest(Path("a\0b")) == "unreadable"


def test_a_directory_has_the_digest_of_its_files(here):
    (here / "db_password").write_text("a")
    before = digest(here)
    (here / "..data").mkdir()
    (here / ".hidden").write_text("x")
    assert digest(here) == before
    (here / "db_password").write_text("b")
    changed = digest(here)
    (here / "db_password").rename(here / "db_passwort")
    assert len({before, changed, digest(here)}) == 3


def test_a_file_mounted_alone_is_pinned(here):
    (here / "host").write_text("a")
    (here / "inside").write_text("")
    code = (
        f"import subprocess; subprocess.run(['mount', '--bind', {str(here / 'host')!r}, "
        f"{str(here / 'inside')!r}], check=True); from confkit.watched_paths import pinned; "
        f"from pathlib import Path; print(pinned(Path({str(here / 'inside')!r})), "
        f"pinned(Path({str(here / 'host')!r})))"
    )
    unshare = shutil.which("unshare")
    if unshare is None:
        pytest.skip("needs unshare")
    done = subprocess.run(
        [unshare, "-rm", sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    if "ot permitted" in done.stderr:
        pytest.skip("mounting is not permitted here")
    assert done.stdout.split() == ["True", "False"], done.stderr
    assert not pinned(here / "inside")
