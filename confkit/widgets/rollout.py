"""The rollout explorer: what a percentage does to your users, before anything is changed."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from confkit import clocks
from confkit.analysis import more_panels, panels
from confkit.analysis.counting import at_percentage
from confkit.analysis.panels import View
from confkit.analysis.people import People, people
from confkit.analysis.rollout_exports import saved
from confkit.analysis.user_panel import one_user
from confkit.analysis.user_story import user_story
from confkit.errors import ConfkitError
from confkit.figures.marks import Marks
from confkit.flags.rules.evaluation import Compiled
from confkit.tables import escape
from confkit.widgets.controls import Announcement, Page, group, html, style
from confkit.widgets.flag_source import FlagSource, attributes, flag_source
from confkit.widgets.rollout_controls import RolloutControls
from confkit.widgets.rollout_counting import Counted, Counter, Question
from confkit.widgets.rollout_exports import rollout_exports
from confkit.widgets.rollout_writing import Writing


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
    :raises confkit.InvalidPopulation: for users that cannot be read.

    ::

        rollout_explorer("file:flags.yaml", population="users.parquet")
    """
    return RolloutExplorer(flag_source(flags), people(population), dict(attributes or {}))


class RolloutExplorer(Page):
    """The page: controls above, panels below; a change of one shows at once in the other."""

    def __init__(self, source: FlagSource, given: People, shared: Mapping[str, Any]) -> None:
        self._source = source
        self._filling = False
        self.counted: Counted | None = None
        self.marks = Marks(f"ck{secrets.token_hex(3)}")
        self.controls = RolloutControls(source, given, shared)
        self.message, self.progress = html(), html()
        self.verdict, self.histogram, self.shares = html(), html(), html()
        self.variants, self.changes, self.user_panel = html(), html(), html()
        self.overlap, self.schedule, self.segments = html(), html(), html()
        self.live = Announcement()
        self.counter = Counter(self._say, self._take, self._refuse)
        self.exports = rollout_exports(source, self._asked)
        self.writing = Writing(source, self._asked, self._choose_flag)
        super().__init__(self._arranged())
        self._choose_flag()
        self.exports.rename()
        controls = self.controls
        for control in (controls.percentage, controls.user, controls.user_attributes):
            control.observe(self._show, "value")
        for control in controls.of_rule:
            control.observe(self._changed, "value")
        controls.flag.observe(self._choose_flag, "value")

    def __repr__(self) -> str:
        return f"<RolloutExplorer of {self.controls.flag.value}>"

    def _arranged(self) -> list[Any]:
        header = html(
            "<h2>Rollout explorer</h2><p class='dim'>What a percentage does to your users, before "
            f"you ship it. Flags from {escape(self._source.where)}.</p>"
        )
        controls = self.controls
        left = group("ck-stack", self.shares, self.variants, self.schedule)
        right = group("ck-stack", self.changes, self.overlap, self.segments)
        return [
            style(self.marks),
            *(header, controls.bar(), controls.second),
            *(self.live, self.message, self.progress, self.verdict, self.histogram),
            group("ck-two", left, right),
            group("ck-bar", controls.user, controls.user_attributes),
            self.user_panel,
            *(self.exports.bar, self.exports.done, self.writing.box),
        ]

    def summary_html(self) -> str:
        """The result as it is kept in a saved notebook."""
        if self.counted is None:
            return ""
        return saved(self.view)

    # What is asked

    def _choose_flag(self, _: object = None) -> None:
        """Take the rule of the flag that was picked."""
        self._filling = True
        try:
            self.controls.fill()
        finally:
            self._filling = False
        self._changed()
        if self.counted is not None:
            self.exports.rename()

    def _changed(self, _: object = None) -> None:
        """Something other than the percentage changed: count again, unless it was counted."""
        if self._filling:
            return
        controls, source = self.controls, self._source
        self._filling = True  # other columns to choose from are no new question
        try:
            rule = controls.rule()
            crowd = controls.people()
            controls.offer_segments(crowd)
            question = Question(
                rule,
                before=source.flag(controls.flag.value),
                other=source.flag(controls.other.value) if controls.other.value else None,
                crowd=crowd,
                crowd_key=(controls.users.value, controls.named.value),
                table=source.table(),
                shared=controls.attributes(),
                segment=controls.segment.value or None,
            )
        except (ConfkitError, ValueError, OSError) as error:
            self.counter.stop()
            self._refuse(error)
            return
        finally:
            self._filling = False
        self.message.value = ""
        self.counter.ask(question)

    # What is shown

    def _say(self, text: str) -> None:
        self.progress.value = f'<p class="small dim">{escape(text)}</p>' if text else ""

    def _refuse(self, error: Exception) -> None:
        self.message.value = (
            f'<section aria-label="Problem"><p class="bad">✗ {escape(str(error))}</p></section>'
        )
        self.live.text = str(error)

    def _take(self, counted: Counted) -> None:
        self.counted = counted
        self._show()

    @property
    def view(self) -> View:
        """What the page shows now."""
        assert self.counted is not None
        question, percentage = self.counted.question, self.controls.percentage.value
        rule, before = question.rule, question.before
        if rule.percentage is not None or percentage != self.controls.start:
            rule = replace(rule, percentage=percentage)
        was = before.percentage() if before.rule.enabled else None
        found = self.counted.found[""]
        return View(rule, found, percentage, was=was, other_salt=question.other_salt)

    def _asked(self) -> tuple[View, People, dict[str, Any], str]:
        assert self.counted is not None
        question = self.counted.question
        return self.view, question.crowd, dict(question.shared), self.controls.user.value.strip()

    def _show(self, _: object = None) -> None:
        """Show the percentage: look-ups only, whatever the number of users."""
        if self._filling or self.counted is None:
            return
        view, marks, counted = self.view, self.marks, self.counted
        question = counted.question
        self.histogram.value = panels.where_they_fall(view, marks)
        self.verdict.value = panels.verdict(view)
        self.shares.value = panels.on_and_off(view, marks)
        self.variants.value = panels.variants(view)
        self.changes.value = panels.who_changes_sides(view, marks)
        self.overlap.value = (
            ""
            if counted.both is None or question.other is None
            else panels.overlap(view, question.other.name, counted.both, marks)
        )
        now = datetime.fromtimestamp(clocks.time(), UTC)
        self.schedule.value = more_panels.schedule(question.before.rule, view.found, now)
        self.segments.value = (
            more_panels.by_segment(view, counted.found, question.segment)
            if question.segment
            else ""
        )
        self._show_user(view)
        self.writing.forget()
        self.live.text = panels.summary(view)

    def _show_user(self, view: View) -> None:
        assert self.counted is not None
        try:
            own = attributes(self.controls.user_attributes.value)
        except ValueError as error:
            self._refuse(error)
            return
        given = {**self.counted.question.shared, **own}
        flag = Compiled(at_percentage(view.rule, view.percentage))
        story = user_story(flag, self.controls.user.value.strip(), self._source.table(), given)
        self.user_panel.value = one_user(story, self.marks, view.percentage, given)
