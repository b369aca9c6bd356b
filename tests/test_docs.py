"""Every block of README and docs runs as it stands.

A page's blocks share one namespace and one empty directory. `````yaml config.yaml`` writes a file,
`````python`` runs, `````text output`` is what the block before it printed, and
`````console exact`` runs its ``$ confkit`` lines and compares what they print; `````console shop``
does so at the root of the project, where the settings are those of the example shop.
"""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import sys
import types
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), *ROOT.glob("benchmarks/*.md")])
FENCE = re.compile(r"^```(\w+)?[ \t]*([^\n`]*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)

INJECTED = dict.fromkeys(
    ("SECRET_KEY", "JWT_SECRET", "ENCRYPTION_KEY", "SENTRY_DSN", "DATADOG_API_KEY"), "s" * 40
)


class Block(NamedTuple):
    language: str
    info: str
    text: str
    line: int


def blocks(page: Path) -> list[Block]:
    text = page.read_text()
    return [
        Block(m[1] or "", m[2].strip(), m[3], text.count("\n", 0, m.start()) + 1)
        for m in FENCE.finditer(text)
    ]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory that can be imported from, and an environment of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in ("ENVIRONMENT", "CONFKIT_FLAGS_URL", "CI"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_page(page: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = set(sys.modules)
    # A module of its own, since dataclasses look theirs up by name.
    module = sys.modules["page"] = types.ModuleType("page")
    printed = ""
    try:
        for block in blocks(page):
            if block.language == "python" and not block.info:
                # Padded, so that a traceback names the line of the page.
                code = compile("\n" * block.line + block.text, str(page), "exec", dont_inherit=True)
                printed = _printed_by(lambda code=code: exec(code, vars(module)))
            elif block.info == "output":
                assert printed == block.text, f"{page.name}:{block.line}"
            elif block.language == "console" and block.info == "exact":
                assert _session(block.text) == block.text, f"{page.name}:{block.line}"
            elif block.language == "console" and block.info == "shop":
                monkeypatch.chdir(ROOT)
                for name, text in INJECTED.items():
                    monkeypatch.setenv(name, text)
                assert _session(block.text) == block.text, f"{page.name}:{block.line}"
                monkeypatch.chdir(place)
            elif block.info and re.fullmatch(r"[\w./-]+\.?\w*", block.info):
                file = place / block.info
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(block.text)
    finally:
        for name in set(sys.modules) - before:
            if name == "page" or str(place) in str(getattr(sys.modules[name], "__file__", "")):
                del sys.modules[name]


def _printed_by(call: object) -> str:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        call()  # type: ignore[operator]
    return out.getvalue()


def _session(text: str) -> str:
    """The same console session, with what its commands print now."""
    from confkit.cli import main

    lines = []
    for line in text.splitlines():
        if not line.startswith("$ "):
            continue
        program, *words = shlex.split(line[2:])
        assert program == "confkit", "only confkit runs in an exact session"
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            main(words)
        lines += [line, *(row.rstrip() for row in out.getvalue().splitlines())]
    return "\n".join(lines) + "\n"


def test_every_link_between_pages_leads_somewhere() -> None:
    missing = [
        f"{page.relative_to(ROOT)} -> {target}"
        for page in PAGES
        for target in re.findall(r"\]\((?!https?://|#)([^)#\s]+)", page.read_text())
        if not (page.parent / target).exists()
    ]
    assert not missing
