"""Millions of ids at once: their buckets, and what a flag decides for each.

The answers are those of :meth:`confkit.Flags.decide`, id by id. A missing id stays missing, as in
SQL: it has no bucket and no answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

from confkit.analysis.columns import (
    Column,
    Frame,
    arrow,
    frame_columns,
    is_frame,
    like,
    texts,
    units,
)
from confkit.analysis.columnwise import REASONS, Answers, Batch, answers
from confkit.analysis.distribution import BucketCounts, Distribution, declared_share
from confkit.analysis.hashing import Progress, bucket_array, word_arrays
from confkit.analysis.presentation import Presented
from confkit.analysis.segments import Segments, segments_of
from confkit.analysis.tally import Tally
from confkit.bucket import BUCKETS
from confkit.errors import InvalidPopulation, MissingExtra, UnknownFlag
from confkit.flags.rules.evaluation import Compiled, Table
from confkit.flags.rules.model import Flag, Rule, name_of
from confkit.flags.rules.rollout import Rollout, Scheme, Variant, cuts

try:
    import numpy as np
    import pyarrow as pa
except ImportError as error:
    raise MissingExtra(error.name or "pyarrow", "analysis") from None

Array = Any  # a numpy array


def buckets(
    salt: str,
    ids: Column,
    *,
    scheme: Scheme = "md5-32",
    processes: int = 1,
    progress: Progress | None = None,
) -> Column:
    """The bucket of every id, 0 to 99,999, in the kind of column that ``ids`` is.

    ``ids`` is a list, or a numpy, pandas, polars or Arrow column, of text or integers. ``progress``
    is called with the number of ids done. More than one of ``processes`` pays from some ten
    million ids on; a script that uses them needs ``if __name__ == "__main__":``.

    >>> buckets("new-checkout", ["user-42", None, 7])
    [27318, None, 50248]

    :raises confkit.InvalidPopulation: for the first id that is none, with its row.
    :raises confkit.MissingExtra: without numpy or pyarrow.
    """
    column = units(texts(ids))
    rollout = Rollout(100, salt, scheme=scheme)
    words = word_arrays(rollout, column, processes, progress, words=1)
    return like(ids)(_arrow(bucket_array(words, scheme), column.valid))


def count(
    salt: str,
    ids: Column,
    *,
    variants: tuple[Variant, ...] = (),
    scheme: Scheme = "md5-32",
    processes: int = 1,
    progress: Progress | None = None,
) -> BucketCounts:
    """How many ids fall into each bucket: :func:`bucket_counts` for columns.

    :raises confkit.InvalidPopulation: for the first id that is none, with its row.
    :raises confkit.MissingExtra: without numpy or pyarrow.
    """
    column = units(texts(ids))
    rollout, ends = Rollout(100, salt, scheme=scheme), cuts(variants)
    words = word_arrays(rollout, column, processes, progress, words=2 if ends else 1)
    places = bucket_array(words, scheme)
    if column.valid is not None:
        places, words = places[column.valid], tuple(word[column.valid] for word in words)
    by_variant: dict[str, list[int]] = {}
    left = np.ones(len(places), bool)
    for end, name in ends:
        inside = left if len(end) > 4 else left & (words[1] < int.from_bytes(end, "big"))
        by_variant[name] = _counted(places[inside])
        left &= ~inside
    return BucketCounts(salt, _counted(places), column.length - len(places), by_variant)


def _counted(places: Array) -> list[int]:
    return np.bincount(places, minlength=BUCKETS).tolist()  # type: ignore[no-any-return]


class Assignment(Presented):
    """What a flag decides for every unit; each column is of the kind that the ids were.

    ``on``, ``bucket``, ``variant`` and ``reason`` are columns; what is missing in them: a unit
    without an id everywhere, a bucket where no rollout decided, a variant where the flag is off
    or has none.
    """

    def __init__(
        self,
        flag: Compiled,
        found: Answers,
        batch: Batch,
        make: Callable[[Any], Any],
    ) -> None:
        self.name = flag.name
        #: Attributes of conditions that were taken to hold, because no column has them.
        self.assumed = frozenset(batch.assumed)
        self._flag = flag
        self._found = found
        self._batch = batch
        self._present = batch.present(flag.unit)
        self._make = make

    def __len__(self) -> int:
        return len(self._present)

    @property
    def on(self) -> Column:
        """Whether the flag is on."""
        return self._make(_arrow(self._found.on, self._present))

    @property
    def bucket(self) -> Column:
        """The bucket, where a rollout decided."""
        return self._make(_arrow(self._found.bucket, self._present & (self._found.bucket >= 0)))

    @property
    def variant(self) -> Column:
        """The variant's name."""
        return self._make(self._names(self._found.variant, self._found.variants))

    @property
    def reason(self) -> Column:
        """Why: the codes of :class:`confkit.Reason`."""
        reasons = tuple(reason.value for reason in REASONS)
        return self._make(self._names(self._found.reason.astype(np.int16), reasons))

    def _names(self, codes: Array, names: tuple[str, ...]) -> Any:
        missing = ~(self._present & (codes >= 0))
        indices = pa.array(codes, mask=missing)
        return pa.DictionaryArray.from_arrays(indices, pa.array(names, pa.string()))

    def table(self) -> Any:
        """All four columns as an Arrow table."""
        whole = Assignment(self._flag, self._found, self._batch, lambda array: array)
        names = ("on", "variant", "bucket", "reason")
        return pa.table({name: getattr(whole, name) for name in names})

    def distribution(self) -> Distribution:
        """The same as counts: on and off, by variant, reason and bucket."""
        tally = Tally(self._flag)
        tally.add(self._found, self._batch)
        return tally.distribution()

    def segments(self, column: Column, expected: float | None = None) -> Segments:
        """The share that is on for each value of a column, such as the country.

        Without ``expected`` (0 to 1) it is compared with the declared share, where nothing but a
        rollout decides, else with the share of all of them together.

        :raises confkit.InvalidPopulation: when the column has another length.
        """
        values = arrow(column, "segments").combine_chunks()
        if len(values) != len(self):
            raise InvalidPopulation(f"{len(values)} segments for {len(self)} units")
        encoded = values if pa.types.is_dictionary(values.type) else values.dictionary_encode()
        names = [str(name) for name in encoded.dictionary.to_pylist()] + ["(missing)"]
        codes = encoded.indices.fill_null(len(names) - 1).to_numpy(zero_copy_only=False)
        pairs = np.bincount(
            (codes.astype(np.int64) * 2 + self._found.on)[self._present], minlength=2 * len(names)
        ).tolist()
        counts = {
            name: (pairs[2 * n + 1], pairs[2 * n] + pairs[2 * n + 1])
            for n, name in enumerate(names)
            if pairs[2 * n] or pairs[2 * n + 1]
        }
        declared = declared_share(self._flag)
        if expected is None and declared is not None:
            expected = declared / 100
        return segments_of(counts, expected)

    @property
    def headline(self) -> str:
        """The share that is on, with its interval."""
        return self.distribution().headline

    @property
    def columns(self) -> tuple[str, ...]:
        """The heads of the columns of the distribution."""
        return ("", "units", "share")

    @property
    def rows(self) -> Any:
        """The rows of the distribution."""
        return self.distribution().rows

    @property
    def bars(self) -> Any:
        """The bars of the distribution."""
        return self.distribution().bars

    def to_dict(self) -> dict[str, Any]:
        """The distribution for machines: counts, never ids."""
        return self.distribution().to_dict()


def assign(
    flag: object,
    ids: Column | Frame,
    columns: Mapping[str, Any] | None = None,
    *,
    flags: object = None,
    assume: bool = False,
    processes: int = 1,
    progress: Progress | None = None,
) -> Assignment:
    """What a flag decides for every unit.

    ``flag`` is a rule, a compiled flag, or the name of a flag in ``flags``: a client or a table of
    compiled flags, which answers the prerequisites as well. ``ids`` is a column of ids, or a frame
    (a mapping of columns, a pandas or polars frame, an Arrow table) that has the rule's unit
    among its columns. ``columns`` has further attributes that conditions need: a column, or one
    value that all units share. An attribute that a condition needs and nobody gave is an error;
    with ``assume`` its conditions are taken to hold, and ``assumed`` names it.

    >>> rule = Rule.from_document("new-checkout", {"enabled": True, "percentage": 30})
    >>> assign(rule, ["user-42", None, 7]).on
    [True, None, False]

    :raises confkit.InvalidPopulation: for what is no id, for a column that is missing or of
        another length.
    :raises confkit.UnknownFlag: for a name that ``flags`` does not have.
    :raises confkit.MissingExtra: without numpy or pyarrow.
    """
    table = table_of(flags)
    compiled = compiled_flag(flag, table)
    given = frame_columns(ids) if is_frame(ids) else {compiled.unit: ids}
    if compiled.unit not in given:
        known = ", ".join(given) or "none"
        raise InvalidPopulation(
            f"the flag {compiled.name} is by {compiled.unit!r}, and the columns are {known}"
        )
    shared = {name: v for name, v in (columns or {}).items() if _scalar(v)}
    given |= {name: v for name, v in (columns or {}).items() if name not in shared}
    batch = Batch(given, shared, assume=assume, processes=processes, progress=progress)
    found = answers(compiled, batch, table)
    return Assignment(compiled, found, batch, like(given[compiled.unit]))


def table_of(flags: object) -> Table:
    """The compiled flags of a client, or of a mapping of them."""
    if flags is None:
        return {}
    view = getattr(flags, "view", None)
    return flags if view is None else view.flags  # type: ignore[return-value]


def compiled_flag(flag: object, table: Table) -> Compiled:
    """The flag that is meant: compiled already, a rule, or a name in the table.

    :raises confkit.UnknownFlag: for a name that the table does not have.
    """
    if isinstance(flag, Rule):
        return Compiled(flag)
    if isinstance(flag, str | Flag | Enum):
        name = name_of(flag)
        if name not in table:
            raise UnknownFlag(f"there is no flag {name!r}: give the flags that have it as flags=")
        return table[name]  # type: ignore[return-value]
    return flag  # type: ignore[return-value]


def _scalar(value: object) -> bool:
    return value is None or isinstance(value, str | bytes | int | float)


def _arrow(values: Array, valid: Array | None) -> Any:
    return pa.array(values, mask=None if valid is None or valid.all() else ~valid)
