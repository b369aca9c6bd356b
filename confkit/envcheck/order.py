"""Names sorted inside their groups. Blank lines part groups, and nothing moves across one."""

from __future__ import annotations

import heapq
import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple

from confkit.envcheck.envfile import EnvFile
from confkit.envcheck.findings import Edit, Finding
from confkit.envcheck.references import REFERRED
from confkit.sources.dotenv import Statement

_BLANK_LINE = re.compile(r"\A(?:[^\S\r\n]*(?:\r\n|\n|\r))+")


class _Item(NamedTuple):
    """A statement with the comments that stand over it: what moves as one."""

    statement: Statement
    text: str


class _Group(NamedTuple):
    start: int  # behind the heading
    items: list[_Item]


def check(file: EnvFile) -> Iterator[Finding]:
    """Names that stand behind one that should follow them."""
    if file.unclear is not None:
        return
    for group in _groups(file):
        order = _sorted(group.items)
        if order == list(range(len(order))):
            continue
        edit: Edit | None = _edit(file, group, order)
        place = {index: at for at, index in enumerate(order)}
        seen: list[int] = []  # sorted places of the names before this one
        for index, item in enumerate(group.items):
            at = bisect_left(seen, place[index])
            if at < len(seen):
                follower = group.items[order[seen[at]]].statement
                message = f"{file.named(item.statement)} belongs before {file.named(follower)}"
                start = item.statement.name_span[0]
                yield file.at(start, "UnorderedKey", message, edit)
                edit = None  # one edit sorts the whole group
            seen.insert(at, place[index])


def sort(file: EnvFile) -> str:
    """The text with every group sorted; a file that is not fully understood as it is."""
    text = file.text
    if file.unclear is not None:
        return text
    for group in reversed(list(_groups(file))):
        edit = _edit(file, group, _sorted(group.items))
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def _groups(file: EnvFile) -> Iterator[_Group]:
    items: list[_Item] = []
    comments: list[Statement] = []
    start = 0

    def done() -> Iterator[_Group]:
        if len(items) > 1:
            yield _headed(_Group(start, items))

    for statement in file.statements:
        lead = _BLANK_LINE.match(statement.text)
        if lead or statement.fault is not None:
            yield from done()
            items, comments = [], []
            start = statement.start + (lead.end() if lead else 0)
        if statement.fault is not None:
            start = statement.end
        elif statement.name is None:
            comments.append(statement)
        else:
            begin = comments[0].start if comments else statement.start
            text = file.text[max(begin, start) : statement.end]
            items.append(_Item(statement, text))
            comments = []
    yield from done()


def _headed(group: _Group) -> _Group:
    """A comment over the first name is a heading, unless every name has a comment."""
    first, *rest = group.items
    heading = len(first.text) - len(first.statement.text)
    if heading > 0 and any(not item.text.startswith("#") for item in rest):
        first = _Item(first.statement, first.text[heading:])
        return _Group(group.start + heading, [first, *rest])
    return group


def _sorted(items: list[_Item]) -> list[int]:
    """Indices of ``items``, sorted by name; one that refers to another stays behind it."""
    waits: list[int] = [0] * len(items)
    frees: list[list[int]] = [[] for _ in items]
    setter: dict[str, int] = {}  # where a name was set last
    asking: dict[str, list[int]] = {}  # where it was referred to since
    for index, item in enumerate(items):
        name, value = item.statement.name or "", item.statement.value or ""
        needed = set(REFERRED.findall(value))  # in single quotes too: some readers look there
        # Of two with one name the last has to stay the last, and what a shell reads in a
        # reference has to stay before it. What stands behind already is no reason to move.
        before = {setter[other] for other in needed | {name} if other in setter}
        before.update(asking.pop(name, ()))
        waits[index] = len(before)
        for earlier in before:
            frees[earlier].append(index)
        setter[name] = index
        for other in needed:
            asking.setdefault(other, []).append(index)
    ready = [(item.statement.name or "", i) for i, item in enumerate(items) if not waits[i]]
    heapq.heapify(ready)
    order = []
    while ready:
        _, index = heapq.heappop(ready)
        order.append(index)
        for later in frees[index]:
            waits[later] -= 1
            if not waits[later]:
                heapq.heappush(ready, (items[later].statement.name or "", later))
    return order


def _edit(file: EnvFile, group: _Group, order: list[int]) -> Edit:
    end = group.items[-1].statement.end
    newline = "\r\n" if "\r\n" in file.text else "\n"
    texts = [group.items[i].text for i in order]
    texts = [t if t.endswith(("\n", "\r")) else t + newline for t in texts]
    made = "".join(texts)
    if not file.text[group.start : end].endswith(("\n", "\r")):
        made = made.removesuffix(newline)
    return Edit(group.start, end, made)
