"""The rollout explorer: what a percentage does to your users, before anything is changed."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import yaml

from confkit.analysis import panels
from confkit.analysis.counting import at_percentage
from confkit.analysis.lookup import Lookup
from confkit.analysis.panels import View
from confkit.analysis.people import People, count_people, people
from confkit.analysis.user_panel import one_user
from confkit.analysis.user_story import user_story
from confkit.errors import ConfkitError, InvalidPopulation
from confkit.figures.marks import Marks
from confkit.flags.rules.evaluation import Compiled
from confkit.flags.rules.model import Rule
from confkit.tables import escape
from confkit.widgets.controls import (
    Announcement,
    Percentage,
    group,
    html,
    style,
    wide,
    widgets,
)
from confkit.widgets.flag_source import (
    FlagSource,
    attributes,
    flag_source,
    ids,
    parsed,
    rest_of,
)

SIZES = (100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000)
YOURS, NAMED = "yours", "a file or a query"
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
        self._task: asyncio.Task[None] | None = None
        self._rule: Rule | None = None
        self._filling = False
        self._make_controls(shared)
        self.message, self.progress = html(), html()
        self.verdict, self.histogram, self.shares = html(), html(), html()
        self.variants, self.changes, self.user_panel = html(), html(), html()
        self.overlap = html()
        self.live = Announcement()
        super().__init__(self._arranged())
        for name in ("ck", "ck-app"):
            self.add_class(name)
        self._choose_flag()
        for control in (self.percentage, self.user, self.user_attributes):
            control.observe(self._show, "value")
        for control in (
            *(self.salt, self.unit, self.allow, self.deny, self.rest, self.shared),
            *(self.users, self.named, self.other),
        ):
            control.observe(self._changed, "value")
        self.flag.observe(self._choose_flag, "value")
        self.new_salt.on_click(self._take_new_salt)
        self.more.observe(self._fold, "value")
        self._changed()

    def _make_controls(self, shared: Mapping[str, Any]) -> None:
        names = self._source.names()
        self.flag = widgets.Dropdown(options=names, value=names[0], description="Flag")
        self.percentage = Percentage()
        self.salt = widgets.Text(description="Salt", continuous_update=False)
        self.new_salt = widgets.Button(description="New salt")
        yours = self._given
        options: list[tuple[str, Any]] = (
            [] if yours.synthetic and yours.rows in SIZES else [(yours.name, YOURS)]
        )
        options += [(f"{size:,} made up", size) for size in SIZES]
        options.append((NAMED, NAMED))
        value = yours.rows if yours.synthetic and yours.rows in SIZES else YOURS
        self.users = widgets.Dropdown(options=options, value=value, description="Users")
        self.named = widgets.Text(
            description="File or query",
            placeholder="users.parquet, users.csv, SELECT user_id FROM …",
            continuous_update=False,
        )
        self.more = widgets.ToggleButton(value=False, description="More of the rule")
        self.unit = widgets.Text(description="Unit", continuous_update=False)
        self.allow = widgets.Text(description="Always on (ids)", continuous_update=False)
        self.deny = widgets.Text(description="Never on (ids)", continuous_update=False)
        said = ", ".join(f"{name}={value}" for name, value in shared.items())
        self.shared = widgets.Text(
            value=said,
            description="Attributes that all share",
            placeholder="country=DE, app_version=2.4.0",
            continuous_update=False,
        )
        self.rest = wide(
            widgets.Textarea(description="The rest of the rule, in YAML", continuous_update=False)
        )
        self.other = widgets.Dropdown(
            options=[("none", ""), *((name, name) for name in names)],
            value="",
            description="Compare with the flag",
        )
        self.user = widgets.Text(value="user-1", description="User", continuous_update=True)
        self.user_attributes = widgets.Text(
            description="Attributes of the user", placeholder="country=DE", continuous_update=False
        )

    def _arranged(self) -> list[Any]:
        self._more = group(
            "ck-bar", self.unit, self.allow, self.deny, self.shared, self.other, self.rest
        )
        header = html(
            "<h2>Rollout explorer</h2><p class='dim'>What a percentage does to your users, before "
            f"you ship it. Flags from {escape(self._source.where)}.</p>"
        )
        bar = group(
            "ck-bar ck-four",
            self.flag,
            self.percentage,
            group("ck-pair", self.salt, self.new_salt),
            self.users,
            self.named,
            self.more,
        )
        self._fold()
        return [
            style(self.marks),
            header,
            bar,
            self._more,
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
            group("ck-bar", self.user, self.user_attributes),
            self.user_panel,
        ]

    def _fold(self, _: object = None) -> None:
        self._more.layout.display = None if self.more.value else "none"

    # What is asked

    def _choose_flag(self, _: object = None) -> None:
        """Take the rule of the flag that was picked."""
        flag = self._source.flag(self.flag.value)
        document = flag.rule.as_document()
        rest = rest_of(document)
        self._filling = True
        try:
            self.salt.value = flag.rule.salt or flag.rule.name
            self.unit.value = flag.rule.unit
            self.allow.value = ", ".join(flag.rule.allow or ())
            self.deny.value = ", ".join(flag.rule.deny)
            self.rest.value = yaml.safe_dump(rest, sort_keys=False) if rest else ""
            self.percentage.value = self._before(flag)
            self.user_attributes.value = ""
        finally:
            self._filling = False
        self._changed()

    @staticmethod
    def _before(flag: Compiled) -> float:
        """The percentage that stands for what a flag is now."""
        percentage = flag.percentage()
        if percentage is not None:
            return percentage
        return 100.0 if flag.rule.allow is None else 0.0

    def rule(self) -> Rule:
        """The rule as the controls have it.

        :raises confkit.InvalidFlag: with every problem.
        """
        name = self.flag.value
        held = self._source.flag(name).rule
        document = {**parsed(self.rest.value), "enabled": held.enabled}
        document["percentage"] = self.percentage.value
        if self.salt.value.strip() not in ("", name):
            document["salt"] = self.salt.value.strip()
        if self.unit.value.strip() not in ("", "user_id"):
            document["unit"] = self.unit.value.strip()
        for field, control in (("allow", self.allow), ("deny", self.deny)):
            if given := ids(control.value):
                document[field] = given
        return Rule.from_document(name, document)

    def _people(self) -> People:
        if self.users.value == YOURS:
            return self._given
        if self.users.value == NAMED:
            if not self.named.value.strip():
                raise InvalidPopulation("name a file, or write a query for DuckDB")
            return people(self.named.value)
        return people(self.users.value)

    # What is shown

    def _take_new_salt(self, _: object = None) -> None:
        self.salt.value = f"{self.flag.value}-{secrets.token_hex(2)}"

    def _changed(self, _: object = None) -> None:
        """Something other than the percentage changed: count again, unless it was counted."""
        if self._filling:
            return
        self.named.layout.display = None if self.users.value == NAMED else "none"
        try:
            self._rule = self.rule()
            crowd = self._people()
            shared = attributes(self.shared.value)
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
        if self._task is not None:
            self._task.cancel()
            self._task = None
        work = self._work(crowd, shared)
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            loop = None
        if loop is None or (crowd.rows or AT_ONCE + 1) <= AT_ONCE:
            for _ in work:
                pass
            return
        self._task = loop.create_task(self._in_parts(work))

    async def _in_parts(self, work: Any) -> None:
        for said in work:
            self.progress.value = f'<p class="small dim" role="status">{escape(said)}</p>'
            await asyncio.sleep(0)

    def _work(self, crowd: People, shared: Mapping[str, Any]) -> Any:
        """Count, saying how far it is; then show."""
        rule, other = self._rule, self.other.value
        assert rule is not None
        before, table = self._source.flag(self.flag.value), self._source.table()
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
        rule = replace(self._rule, percentage=self.percentage.value)
        before = self._source.flag(self.flag.value)
        was = before.percentage() if before.rule.enabled else None
        return View(
            rule,
            self._lookups[""][""],
            self.percentage.value,
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
        both = self._lookups.get(self.other.value) if self.other.value else None
        self.overlap.value = (
            "" if both is None else panels.overlap(view, self.other.value, both[""], marks)
        )
        self._show_user(view)
        self.live.text = panels.summary(view)

    def _show_user(self, view: View) -> None:
        try:
            given = {**attributes(self.shared.value), **attributes(self.user_attributes.value)}
        except ValueError as error:
            self._refuse(error)
            return
        flag = Compiled(at_percentage(view.rule, view.percentage))
        story = user_story(flag, self.user.value.strip(), self._source.table(), given)
        self.user_panel.value = one_user(story, self.marks, view.percentage, given)
