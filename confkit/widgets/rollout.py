"""The rollout explorer: what a percentage does to your users, before anything is changed."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from confkit.analysis import panels
from confkit.analysis.counting import at_percentage
from confkit.analysis.lookup import Lookup
from confkit.analysis.panels import View
from confkit.analysis.people import People, count_people, people
from confkit.analysis.user_panel import one_user
from confkit.analysis.user_story import user_story
from confkit.errors import ConfkitError
from confkit.figures.marks import Marks
from confkit.flags.rules.evaluation import Compiled
from confkit.flags.rules.model import Rule
from confkit.tables import escape
from confkit.widgets.controls import Announcement, group, html, style, widgets
from confkit.widgets.flag_source import FlagSource, attributes, flag_source
from confkit.widgets.rollout_controls import RolloutControls

#: More units than this are counted in parts, with the page alive between them.
AT_ONCE = 200_000


def rollout_explorer(
    flags: object = None,
    *,
    population: object = 100_000,
    attributes: Mapping[str, Any] | None = None,
) -> RolloutExplorer:
    """A page that shows what a percentage does to users. Nothing in it changes a flag unasked.

    :param flags: a client, a store, a URL (``file:flags.yaml``), or a mapping of names to rules;
        None: the store of the project, else a flag to try.
    :param population: a number of made-up users, ids, a data frame, a ``.csv`` or ``.parquet``
        file, or a query for DuckDB.
    :param attributes: attributes that all users share, for conditions.
    :raises confkit.MissingExtra: without the extra ``widgets``.
    :raises confkit.StoreError: when the store cannot be read.

    ::

        rollout_explorer("file:flags.yaml", population="users.parquet")
    """
    return RolloutExplorer(flag_source(flags), population, dict(attributes or {}))


class RolloutExplorer(widgets.VBox):  # type: ignore[misc] # ipywidgets has no types
    """The page: controls above, panels below; a change of one shows at once in the other."""

    def __init__(self, source: FlagSource, population: object, shared: Mapping[str, Any]) -> None:
        self._source, self._given = source, people(population)
        self.marks = Marks(f"ck{secrets.token_hex(3)}")
        self._counted: dict[tuple[Any, ...], Mapping[str, Lookup]] = {}
        self.task: asyncio.Task[None] | None = None
        self._rule: Rule | None = None
        self._filling = False
        self.controls = RolloutControls(source, self._given, shared)
        self.message, self.progress = html(), html()
        self.verdict, self.histogram, self.shares = html(), html(), html()
        self.variants, self.changes, self.user_panel = html(), html(), html()
        self.overlap = html()
        self.live = Announcement()
        super().__init__(self._arranged())
        for name in ("ck", "ck-app"):
            self.add_class(name)
        self._choose_flag()
        controls = self.controls
        for control in (controls.percentage, controls.user, controls.user_attributes):
            control.observe(self._show, "value")
        for control in controls.of_rule:
            control.observe(self._changed, "value")
        controls.flag.observe(self._choose_flag, "value")

    def _arranged(self) -> list[Any]:
        header = html(
            "<h2>Rollout explorer</h2><p class='dim'>What a percentage does to your users, before "
            f"you ship it. Flags from {escape(self._source.where)}.</p>"
        )
        controls = self.controls
        return [
            style(self.marks),
            header,
            controls.bar(),
            controls.second,
            self.live,
            self.message,
            self.progress,
            self.verdict,
            self.histogram,
            group(
                "ck-two",
                group("ck-stack", self.shares, self.variants),
                group("ck-stack", self.changes, self.overlap),
            ),
            group("ck-bar", controls.user, controls.user_attributes),
            self.user_panel,
        ]

    # What is asked

    def _choose_flag(self, _: object = None) -> None:
        """Take the rule of the flag that was picked."""
        self._filling = True
        try:
            self.controls.fill()
        finally:
            self._filling = False
        self._changed()

    # What is shown

    def _changed(self, _: object = None) -> None:
        """Something other than the percentage changed: count again, unless it was counted."""
        if self._filling:
            return
        try:
            self._rule = self.controls.rule()
            crowd = self.controls.people()
            shared = self.controls.attributes()
        except (ConfkitError, ValueError, OSError) as error:
            self._refuse(error)
            return
        self.message.value = ""
        self._start(crowd, shared)

    def _refuse(self, error: Exception) -> None:
        self.message.value = (
            f'<section aria-label="Problem"><p class="bad">✗ {escape(str(error))}</p></section>'
        )
        self.live.text = str(error)

    def _start(self, crowd: People, shared: Mapping[str, Any]) -> None:
        if self.task is not None:
            self.task.cancel()
            self.task = None
        work = self._work(crowd, shared)
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            loop = None
        if loop is None or (crowd.rows or AT_ONCE + 1) <= AT_ONCE:
            for _ in work:
                pass
            return
        self.task = loop.create_task(self._in_parts(work))

    async def _in_parts(self, work: Any) -> None:
        for said in work:
            self.progress.value = f'<p class="small dim" role="status">{escape(said)}</p>'
            await asyncio.sleep(0)

    def _work(self, crowd: People, shared: Mapping[str, Any]) -> Any:
        """Count, saying how far it is; then show."""
        rule, other = self._rule, self.controls.other.value
        assert rule is not None
        before, table = self._source.flag(self.controls.flag.value), self._source.table()
        salt = f"{rule.salt or rule.name}-b"
        key = (
            id(crowd) if crowd is self._given else crowd.name,
            str(at_percentage(rule, 0)),
            str(shared),
        )
        asked: dict[str, tuple[Compiled, str | None]] = {"": (before, salt)}
        if other:
            asked[other] = (self._source.flag(other), None)
        found: dict[str, Mapping[str, Lookup]] = {}
        try:
            for name, (held, apart) in asked.items():
                known = (*key, name)
                if known not in self._counted:
                    counting = count_people(
                        rule, held, crowd, other_salt=apart, table=table, shared=shared
                    )
                    for done, counted in counting:  # noqa: B007 - the last one has the counts
                        of = f" of {crowd.rows:,}" if crowd.rows else ""
                        yield f"Counting: {done:,}{of} users"
                    self._remember(known, counted)
                found[name] = self._counted[known]
        except (ConfkitError, OSError) as error:
            self._refuse(error)
            return
        self.progress.value = ""
        self._lookups = found
        self._show()

    def _remember(self, key: tuple[Any, ...], counted: Mapping[str, Lookup]) -> None:
        while len(self._counted) >= 8:  # some megabytes each
            del self._counted[next(iter(self._counted))]
        self._counted[key] = counted

    @property
    def view(self) -> View:
        """What the page shows now."""
        assert self._rule is not None
        rule = replace(self._rule, percentage=self.controls.percentage.value)
        before = self._source.flag(self.controls.flag.value)
        was = before.percentage() if before.rule.enabled else None
        return View(
            rule,
            self._lookups[""][""],
            self.controls.percentage.value,
            was=was,
            other_salt=f"{rule.salt or rule.name}-b",
        )

    def _show(self, _: object = None) -> None:
        """Show the percentage: look-ups only, whatever the number of users."""
        if self._filling or not hasattr(self, "_lookups") or self._rule is None:
            return
        view, marks = self.view, self.marks
        self.verdict.value = panels.verdict(view)
        self.histogram.value = panels.where_they_fall(view, marks)
        self.shares.value = panels.on_and_off(view, marks)
        self.variants.value = panels.variants(view)
        self.changes.value = panels.who_changes_sides(view, marks)
        both = self._lookups.get(self.controls.other.value) if self.controls.other.value else None
        self.overlap.value = (
            "" if both is None else panels.overlap(view, self.controls.other.value, both[""], marks)
        )
        self._show_user(view)
        self.live.text = panels.summary(view)

    def _show_user(self, view: View) -> None:
        try:
            given = {
                **self.controls.attributes(),
                **attributes(self.controls.user_attributes.value),
            }
        except ValueError as error:
            self._refuse(error)
            return
        flag = Compiled(at_percentage(view.rule, view.percentage))
        story = user_story(flag, self.controls.user.value.strip(), self._source.table(), given)
        self.user_panel.value = one_user(story, self.marks, view.percentage, given)
