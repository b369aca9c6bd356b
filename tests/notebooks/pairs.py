"""The notebooks and their pairs: percent text is the source, the ``.ipynb`` is made from it.

``python -m tests.notebooks.pairs`` runs every notebook and writes its ``.ipynb``.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
SOURCES = sorted((ROOT / "notebooks").glob("*.py"))
#: What a stored notebook may weigh: it is kept in version control, with its outputs.
MOST_BYTES = 60_000


def cells(notebook: Any) -> list[tuple[str, str]]:
    """What has to be the same in both of a pair."""
    return [(cell["cell_type"], cell["source"].strip()) for cell in notebook["cells"]]


def source(path: Path) -> Any:
    """The notebook that a percent text is."""
    import jupytext

    return jupytext.read(path)


#: Runs a notebook and prints it; in a process of its own, since it leaves an event loop behind.
RUN = """
import sys, jupytext, nbformat
from nbclient import NotebookClient
path, place, state = sys.argv[1:]
made = jupytext.read(path)
NotebookClient(
    made, timeout=600, kernel_name="python3", resources={"metadata": {"path": place}},
    store_widget_state=state == "True",
).execute()
print(nbformat.writes(made))
"""


def executed(path: Path, *, widget_state: bool = False, **environ: str) -> Any:
    """A notebook after a run in a kernel of its own, in its directory.

    :raises RuntimeError: for the first cell that fails, with its traceback.
    """
    import nbformat

    done = subprocess.run(
        [sys.executable, "-c", RUN, str(path), str(path.parent), str(widget_state)],
        env={**os.environ, "SPARK_LOCAL_IP": "127.0.0.1", **environ},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-4000:])
    return nbformat.reads(done.stdout, as_version=4)


def outputs(notebook: Any) -> Iterator[Any]:
    """Every output of a notebook."""
    for cell in notebook["cells"]:
        yield from cell.get("outputs", ())


def tidy(notebook: Any) -> Any:
    """A notebook as it is kept: without noise of engines, times, models of a dead kernel."""
    for cell in notebook["cells"]:
        cell["metadata"].pop("execution", None)
        if cell["cell_type"] != "code":
            continue
        cell["outputs"] = [
            one
            for one in cell["outputs"]
            if not (one["output_type"] == "stream" and one["name"] == "stderr")
        ]
        for one in cell["outputs"]:
            one.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)
    version = notebook["metadata"].get("language_info", {})
    notebook["metadata"] = {
        "jupytext": {"formats": "ipynb,py:percent"},
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": version.get("name", "python")},
    }
    for number, cell in enumerate(notebook["cells"]):
        cell["id"] = f"cell-{number}"
    return notebook


def main() -> None:
    """Run every notebook that is named, or all, and write its pair."""
    import nbformat

    names = sys.argv[1:]
    for path in SOURCES:
        if names and path.stem not in names:
            continue
        made = tidy(executed(path))
        text = nbformat.writes(made, indent=1)
        path.with_suffix(".ipynb").write_text(re.sub(r"\s*\Z", "\n", text), encoding="utf-8")
        print(f"{path.stem}: {len(text):,} bytes")


if __name__ == "__main__":
    main()
