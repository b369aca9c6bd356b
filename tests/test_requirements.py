"""The locks of requirements/ are in step with pyproject.toml, and tie nobody to a host."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "requirements"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCKS = tomllib.loads((FOLDER / "locks.toml").read_text())
#: What asked for a pin, where it is this project.
DIRECT = re.compile(r"(confkit-toolkit \(|# +(via +)?)pyproject\.toml[:)]")


class Pin(NamedTuple):
    version: Version
    hashes: int
    direct: bool


def extra(name: str) -> Iterator[Requirement]:
    """The requirements of one extra; an extra may name others of the project itself."""
    for text in PROJECT["project"]["optional-dependencies"][name]:
        wanted = Requirement(text)
        if wanted.name == PROJECT["project"]["name"]:
            for other in wanted.extras:
                yield from extra(other)
        else:
            yield wanted


def group(name: str) -> Iterator[Requirement]:
    for item in PROJECT["dependency-groups"][name]:
        if isinstance(item, str):
            yield Requirement(item)
        else:
            yield from group(item["include-group"])


def wanted(covers: dict[str, Any]) -> Iterator[Requirement]:
    """What a lock has to have, by pyproject.toml."""
    if "extras" in covers:
        yield from map(Requirement, PROJECT["project"]["dependencies"])
        for name in covers["extras"]:
            yield from extra(name)
    for name in covers["groups"]:
        yield from group(name)


def pins(name: str) -> dict[str, list[Pin]]:
    """What a lock has; one name may be there twice, for different machines."""
    found: dict[str, list[Pin]] = {}
    for block in re.split(r"^(?=\w)", (FOLDER / f"{name}.txt").read_text(), flags=re.MULTILINE)[1:]:
        wanted = Requirement(block.partition("\\")[0])
        (only,) = wanted.specifier
        assert only.operator == "==", block
        pin = Pin(Version(only.version), block.count("--hash=sha256:"), bool(DIRECT.search(block)))
        found.setdefault(canonicalize_name(wanted.name), []).append(pin)
    return found


def problems(name: str) -> Iterator[str]:
    covers, found = LOCKS[name], pins(name)
    names = set()
    for requirement in wanted(covers):
        package = canonicalize_name(requirement.name)
        names.add(package)
        for pin in found.get(package, []):
            if not requirement.specifier.contains(pin.version, prereleases=True):
                yield f"{package} {pin.version} is not {requirement.specifier}"
        if package not in found:
            yield f"{package} is missing"
    for package, several in found.items():
        if not all(pin.hashes for pin in several):
            yield f"{package} has no hash"
        if any(pin.direct for pin in several) is not (package in names):
            yield f"{package} is there for a requirement that pyproject.toml does not have"


def test_every_lock_is_known():
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(LOCKS)


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_is_in_step(name):
    assert not list(problems(name)), "run: python3 noxfile.py -s lock"


def test_the_lowest_versions_are_the_declared_ones():
    """A floor that another requirement forbids is not true."""
    found = pins("lowest")
    for requirement in wanted(LOCKS["lowest"]):
        floors = {Version(s.version) for s in requirement.specifier if s.operator == ">="}
        assert {pin.version for pin in found[canonicalize_name(requirement.name)]} == floors


def test_all_is_every_extra():
    extras = PROJECT["project"]["optional-dependencies"]
    (every,) = (Requirement(text) for text in extras["all"])
    assert every.extras == {*extras} - {"all", "spark"}  # Spark is large and no lock has it


def test_the_lock_for_npm_is_in_step():
    wanted = json.loads((FOLDER / "package.json").read_text())["dependencies"]
    found = json.loads((FOLDER / "package-lock.json").read_text())["packages"]
    own = found.pop("")
    assert own["dependencies"] == wanted
    for name, version in wanted.items():
        assert found[f"node_modules/{name}"]["version"] == version
    assert all(package["integrity"] for package in found.values())
    assert not any("resolved" in package for package in found.values())


def test_no_committed_file_names_a_host_to_download_from():
    for path in FOLDER.iterdir():
        text = path.read_text()
        assert not re.search(r"https?:|file:|--(extra-)?index|--find-links", text), path
