"""Notebook pages: see a rollout before it is made, and see where a setting comes from.

One call each, for Jupyter and whatever shows ipywidgets; they need the extra ``widgets``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from confkit.lazy import names as _names

if TYPE_CHECKING:
    from confkit.widgets.resolution import config_resolution as config_resolution
    from confkit.widgets.rollout import rollout_explorer as rollout_explorer

_HOME = {
    "config_resolution": ".resolution",
    "rollout_explorer": ".rollout",
}
__all__ = sorted(_HOME)

__getattr__, __dir__ = _names(__name__, _HOME)
