"""Writing a rule to its store: a step of its own, planned, shown and confirmed."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from typing import Any

from confkit.analysis.more_panels import planned
from confkit.analysis.panels import View
from confkit.analysis.people import People
from confkit.analysis.plan import Plan, apply_plan
from confkit.errors import ConfkitError
from confkit.tables import escape
from confkit.widgets.controls import group, html, widgets
from confkit.widgets.flag_source import FlagSource


class Writing:
    """Plan, read, confirm, apply; in this order, or nothing is written.

    :param asked: gives what the page shows: view, users, attributes, the user.
    :param changed: called after a change was written.
    """

    def __init__(
        self,
        source: FlagSource,
        asked: Callable[[], tuple[View, People, dict[str, Any], str]],
        changed: Callable[[], None],
    ) -> None:
        self._source, self._asked, self._changed = source, asked, changed
        self._plan: Plan | None = None
        self.make = widgets.Button(description="Plan this change of the store")
        self.reason = widgets.Text(description="Reason, for the record", continuous_update=False)
        self.read = widgets.Checkbox(
            description="I have read who enters and who leaves", indent=False
        )
        self.apply = widgets.Button(description="Write it to the store", disabled=True)
        self.shown, self.done = html(), html()
        self.confirm = group("ck-bar", self.reason, self.read, self.apply)
        first = group("ck-buttons", self.make)
        self.box = group("ck-stack", first, self.shown, self.confirm, self.done)
        if not source.writable:
            self.box.layout.display = "none"
        self.make.on_click(self.plan)
        self.read.observe(self._allow, "value")
        self.apply.on_click(self.write)
        self.forget()

    def forget(self, _: object = None) -> None:
        """The page shows something else: a plan that was made does not stand for it."""
        self._plan = None
        self.read.value = False
        self.shown.value = ""
        self.confirm.layout.display = "none"
        self._allow()

    def _allow(self, _: object = None) -> None:
        self.apply.disabled = not (self._plan is not None and self.read.value)

    def plan(self, _: object = None) -> None:
        """Show what the change does; nothing is written."""
        self.forget()
        self.done.value = ""
        try:
            self._plan = self._made()
        except (ConfkitError, OSError) as error:
            self._refuse(error)
            return
        if not self._plan.steps:
            self._plan = None
            self.done.value = '<p role="status">The store has this rule already.</p>'
            return
        self.shown.value = planned(self._plan)
        self.confirm.layout.display = None

    def _made(self) -> Plan:
        from confkit.analysis.planning import make_plan

        view, crowd, shared, _ = self._asked()
        self._source.flags.refresh()
        held = self._source.flags.view.answer.flags.get(view.rule.name)
        old = {} if held is None or held.document is None else held.document
        # A field that the new rule does not have is taken away; a schedule would decide otherwise.
        fields = {**dict.fromkeys(old), **view.rule.as_document()}
        return make_plan(
            self._source.flags,
            {view.rule.name: fields},
            crowd.population(view.rule.unit),
            author=_user(),
            shared=shared,
        )

    def write(self, _: object = None) -> None:
        """Write the plan that was shown and confirmed, all of it or nothing."""
        plan = self._plan
        if plan is None or not self.read.value:
            return
        try:
            made = apply_plan(
                self._source.flags, plan, by=_user(), reason=self.reason.value.strip()
            )
        except (ConfkitError, OSError) as error:
            self.forget()
            self._refuse(error)
            return
        self.forget()
        names = ", ".join(f"{one.name} at revision {one.revision}" for one in made)
        self.done.value = (
            f'<p role="status"><span class="good">✓ Written:</span> {escape(names)}.</p>'
        )
        self._changed()

    def _refuse(self, error: Exception) -> None:
        self.done.value = f'<p class="bad" role="alert">✗ {escape(str(error))}</p>'


def _user() -> str:
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):  # no such user here, as in a container or a browser
        return "notebook"
