"""Values, removals and earlier content written into a file: all checked before it is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from confkit.errors import InvalidSource, SaveError, Shadowed
from confkit.keypath import split, within
from confkit.layers import Entry, Layer, as_one
from confkit.living.saving import Layers, plain_value, with_layer
from confkit.reports.difference import Diff, diff
from confkit.resolution.pipeline import Pipeline
from confkit.resolution.snapshot import Resolution, Snapshot
from confkit.sources.files import File
from confkit.writeback.file import change_file, editors, fingerprint_of

#: What would change, and the resolution that it was decided on: makes the new text of the old one.
Accept = Callable[[Diff], bool]


class Edit(NamedTuple):
    """What is to become of a file.

    ``text`` makes the new text of the old one, ``check`` raises where the result is not what was
    wanted. ``text`` is given the file, and what the values resolve to without it.
    """

    text: Callable[[Path, Resolution[Any], str], str]
    check: Callable[[str, Resolution[Any], Resolution[Any]], None]


class Outcome(NamedTuple):
    """What came of it: ``diff`` is what changes, ``read`` and ``resolution`` what it gives."""

    written: bool
    diff: Diff
    read: Sequence[Layer]
    resolution: Resolution[Any]


def edit(chosen: Mapping[str, Layer], removed: Sequence[str]) -> Edit:
    """Set the values of the layers, each by its key, and take out what is removed."""
    entries: dict[str, Entry] = {k: e for one in chosen.values() for k, e in one.entries.items()}

    def text(path: Path, now: Resolution[Any], old: str) -> str:
        if chosen:
            now.required()
        changes = {split(key): plain_value(key, entry, now) for key, entry in entries.items()}
        edit, without = editors(path)
        made = edit(old, changes) if changes else old
        return without(made, [split(key) for key in removed]) if removed else made

    def check(layer: str, now: Resolution[Any], found: Resolution[Any]) -> None:
        for key in entries:
            setting = found.setting(key)
            if setting is not None and setting.layer.name != layer:
                raise Shadowed(
                    f"{key} is set by {setting.entry.origin}, which the file does not reach"
                )
            if found.typed(key) != now.typed(key):
                raise SaveError(f"{key} would read back as another value")
        for key in removed:
            above = [s for s in found.sets(key) if within(s.key, key) and found.counts(s)]
            if above and _place(found, above[-1].layer) > _place(found, None, layer):
                raise Shadowed(f"{key} is set by {above[-1].entry.origin}, above the file")

    return Edit(text, check)


def _place(found: Resolution[Any], layer: Layer | None, name: str = "") -> int:
    names = [one.name for one in found.stack]
    name = name if layer is None else layer.name
    return names.index(name) if name in names else -1


def whole(content: str, past: Snapshot[Any]) -> Edit:
    """Give the file this content, which is to give the settings of an earlier snapshot again."""

    def check(layer: str, now: Resolution[Any], found: Resolution[Any]) -> None:
        if others := [one.key for one in diff(past.resolution, found)]:
            keys = ", ".join(others[:5]) + (" and others" if len(others) > 5 else "")
            raise Shadowed(f"{layer} alone does not bring it back: {keys} changed elsewhere, too")

    return Edit(lambda path, now, old: content, check)


class Plan(NamedTuple):
    """One write: into which file, and what the settings are made of meanwhile."""

    path: Path
    root: Path | None
    layers: Layers
    pipeline: Pipeline

    def carry_out(
        self,
        edit: Edit,
        *,
        before: Resolution[Any],
        over: Callable[[Sequence[Layer]], list[Layer]],
        accept: Accept | None,
    ) -> Outcome:
        """Check everything, ask ``accept``, write the file.

        :param over: the layers that count, once the given ones were read.
        """
        layers, pipeline = self.layers, self.pipeline
        file = File(self.path, root=self.root)
        held = next((layer.text for layer in layers.read if layer.name == file.name), "")
        now = pipeline.resolve([*layers.read, *as_one({**layers.rest, **layers.chosen})])
        results: list[Outcome] = []

        def accepted(text: str) -> bool:
            read, bare = self._read_back(file, text)
            edit.check(file.name, now, bare)
            resolution = pipeline.resolve(over(read))
            resolution.required()
            changes = diff(before, resolution)
            agreed = accept is None or accept(changes)
            results.append(Outcome(agreed, changes, read, resolution))
            return agreed

        change_file(
            self.path,
            lambda old: edit.text(self.path, now, old),
            expect=fingerprint_of(held),
            accept=accepted,
            root=self.root,
        )
        return results[0]

    def _read_back(self, file: File, text: str) -> tuple[list[Layer], Resolution[Any]]:
        try:
            layer = file.parse(text)
        except InvalidSource as error:
            broken = ", ".join(sorted({problem.code for problem in error.problems}))
            raise SaveError(f"the file would not hold: {broken}") from None
        read = with_layer(self.layers.read, layer, self.layers.names)
        found = self.pipeline.resolve([*read, *as_one(self.layers.rest)])
        found.required()
        return read, found
