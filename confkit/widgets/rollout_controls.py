"""The controls of the rollout explorer, and the rule and the users that they ask for."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

import yaml

from confkit.analysis.people import People, people
from confkit.errors import InvalidPopulation
from confkit.flags.rules.evaluation import Compiled
from confkit.flags.rules.model import Rule
from confkit.widgets.controls import Percentage, group, wide, widgets
from confkit.widgets.flag_source import FlagSource, attributes, ids, parsed, rest_of

SIZES = (100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000)
YOURS, NAMED = "yours", "a file or a query"


class RolloutControls:
    """Every control, each named after what it asks for."""

    def __init__(self, source: FlagSource, given: People, shared: Mapping[str, Any]) -> None:
        self._source, self._given = source, given
        #: the percentage that stands for the flag as it is
        self.start = 0.0
        names = self._source.names()
        self.flag = widgets.Dropdown(options=names, value=names[0], description="Flag")
        self.percentage = Percentage()
        self.salt = widgets.Text(description="Salt", continuous_update=False)
        self.new_salt = widgets.Button(description="New salt")
        yours = given
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
        self.segment = widgets.Dropdown(
            options=[("none", "")], value="", description="Shares by the column", disabled=True
        )
        self.user = widgets.Text(value="user-1", description="User", continuous_update=True)
        self.user_attributes = widgets.Text(
            description="Attributes of the user", placeholder="country=DE", continuous_update=False
        )
        self.second = group(
            "ck-bar",
            *(self.unit, self.allow, self.deny, self.shared, self.other, self.segment, self.rest),
        )
        self.more.observe(self._fold, "value")
        self.users.observe(self._fold, "value")
        self.new_salt.on_click(self._take_new_salt)
        self._fold()

    @property
    def of_rule(self) -> tuple[Any, ...]:
        """The controls that a new count follows: all but the percentage and the user."""
        rule = (self.salt, self.unit, self.allow, self.deny, self.rest)
        return (*rule, self.shared, self.users, self.named, self.other, self.segment)

    def bar(self) -> Any:
        """The controls that are always seen."""
        salt = group("ck-pair", self.salt, self.new_salt)
        first = (self.flag, self.percentage, salt, self.users)
        return group("ck-bar ck-four", *first, self.named, self.more)

    def _fold(self, _: object = None) -> None:
        self.second.layout.display = None if self.more.value else "none"
        self.named.layout.display = None if self.users.value == NAMED else "none"

    def _take_new_salt(self, _: object = None) -> None:
        self.salt.value = f"{self.flag.value}-{secrets.token_hex(2)}"

    def fill(self) -> None:
        """Take the rule of the flag that was picked."""
        flag = self._source.flag(self.flag.value)
        document = flag.rule.as_document()
        rest = rest_of(document)
        self.salt.value = flag.rule.salt or flag.rule.name
        self.unit.value = flag.rule.unit
        self.allow.value = ", ".join(flag.rule.allow or ())
        self.deny.value = ", ".join(flag.rule.deny)
        self.rest.value = yaml.safe_dump(rest, sort_keys=False) if rest else ""
        self.start = self._before(flag)
        self.percentage.value = self.start
        self.user_attributes.value = ""

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
        open_ = held.percentage is None and not held.schedule
        if not (open_ and self.percentage.value == self.start):
            document["percentage"] = self.percentage.value
        if self.salt.value.strip() not in ("", name):
            document["salt"] = self.salt.value.strip()
        if self.unit.value.strip() not in ("", "user_id"):
            document["unit"] = self.unit.value.strip()
        for field, control in (("allow", self.allow), ("deny", self.deny)):
            if given := ids(control.value):
                document[field] = given
        return Rule.from_document(name, document)

    def people(self) -> People:
        """The users that were chosen.

        :raises confkit.InvalidPopulation: for what cannot be read.
        """
        if self.users.value == YOURS:
            return self._given
        if self.users.value == NAMED:
            if not self.named.value.strip():
                raise InvalidPopulation("name a file, or write a query for DuckDB")
            return people(self.named.value)
        return people(self.users.value)

    def offer_segments(self, crowd: People) -> None:
        """Offer the columns of the users, other than the id."""
        names = [name for name in crowd.columns if name != self.unit.value.strip()]
        options = [("none", ""), *((name, name) for name in names)]
        if list(self.segment.options) != options:
            held = self.segment.value
            self.segment.options = options
            self.segment.value = held if held in names else ""
        self.segment.disabled = not names

    def attributes(self) -> dict[str, str]:
        """The attributes that all users share.

        :raises ValueError: for a part that is not ``name=value``.
        """
        return attributes(self.shared.value)
