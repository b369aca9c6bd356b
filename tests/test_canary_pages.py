"""No page, widget, export or saved notebook shows a canary, nor holds one where it is not seen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from confkit import Environ, Values, diff, load, resolve
from confkit.reports.exports import to_json, to_markdown, to_yaml
from confkit.reports.resolution_page import resolution_page
from tests.canaries import CANARIES, RESOLVERS, Settings, leaks, plant
from tests.secrets.conftest import aws, credentials  # noqa: F401 - fixtures

KEYS = ("yaml", "aws", "fernet", "url", "data", "keys", "accounts", "limit")


@pytest.fixture
def config(tmp_path, monkeypatch, aws):  # noqa: F811
    made = load(Settings, *plant(tmp_path, monkeypatch, aws), resolvers=RESOLVERS)
    made.set("runtime", CANARIES["runtime"])
    assert made.current.aws.reveal() == CANARIES["aws"]
    return made


def states(widget: Any) -> Iterator[str]:
    """Everything that a widget and all inside it send to a page or to a saved notebook."""
    yield json.dumps(widget.get_state(), default=str, ensure_ascii=False)
    yield json.dumps(widget._repr_mimebundle_(), default=str)
    for child in getattr(widget, "children", ()):
        yield from states(child)


def test_pages_and_exports(config):
    broken = resolve(Settings, *config.sources, Values({"limit": 0}), resolvers=RESOLVERS)
    other = diff(load(Settings, Environ(environ={})), config)
    texts = [
        resolution_page(config, keys=KEYS),
        resolution_page(broken, keys=KEYS),
        *(export(side) for export in (to_yaml, to_json, to_markdown) for side in (config, broken)),
        to_markdown(config, other),
    ]
    assert leaks("".join(texts)) == []


def test_the_explorer(config):
    pytest.importorskip("anywidget")
    from confkit.widgets import config_resolution

    page = config_resolution(config)
    texts = list(states(page))
    for key in KEYS:
        page.controls.key.value = key
        texts += states(page)
    page.controls.variables.value = "LIMIT=0\nNOBODY=1"
    texts += states(page)
    assert page.resolution.problems
    assert len(texts) > 100
    assert leaks("".join(texts)) == []


def test_what_is_typed_for_a_secret_is_kept_where_no_notebook_is_saved(config):
    pytest.importorskip("anywidget")
    from confkit.widgets import config_resolution

    page = config_resolution(config)
    typed = CANARIES["environ"]
    page.controls.variables.value = f"LIMIT=7\nexport ENVIRON={typed}2"
    page.controls.words.value = f"--argv \\{CANARIES['argv'].split()[0]}3"
    for _ in range(2):
        value = page.resolution.value
        assert value.environ.reveal() == f"{typed}2"
        assert value.argv.reveal() == f"{CANARIES['argv'].split()[0]}3"
        assert page.controls.variables.value == "LIMIT=7\nENVIRON=***"
        assert page.controls.words.value == "--argv '***'"
        page.controls.key.value = "environ"
        assert leaks("".join(states(page))) == []
        assert CANARIES["argv"].split()[0] not in "".join(states(page))
        page.controls.compare.value = ""
        page._resolve()


NOTEBOOK = """\
# %%
from tests.canaries import RESOLVERS, Settings
from confkit import Environ, File, load
from confkit.widgets import config_resolution
config = load(Settings, File("config.yaml"), File("config.json"), Environ(),
              resolvers={**RESOLVERS, "aws": lambda reference: "x"})
config_resolution(config)

# %%
config

# %%
config.explain("yaml")

# %%
config.current
"""


def test_a_saved_notebook(config, tmp_path, monkeypatch):
    pytest.importorskip("jupytext")
    pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    import nbformat

    from tests.notebooks.pairs import ROOT, executed, outputs

    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    (tmp_path / "notebook.py").write_text(NOTEBOOK)
    made = executed(tmp_path / "notebook.py", widget_state=True)
    text = nbformat.writes(made)
    assert len(list(outputs(made))) == 4
    assert "***" in text
    assert made["metadata"]["widgets"]
    assert leaks(text) == []
