"""A rollout in SQL: for each dialect, the expressions that give what Python gives, bit for bit.

``md5(salt || ':' || id) < '33333334'`` *is* a rollout at 20 %: lower-case hexadecimal text sorts
like the number it stands for. A NULL id gives NULL, never a bucket. :func:`self_check` is a query
that shows whether a warehouse agrees.
"""

from __future__ import annotations

from collections.abc import Iterable

from confkit.bucket import steps, text_threshold
from confkit.flags.rules.dialects import Dialect, dialect_of, identifier, literal
from confkit.flags.rules.literals import SALT
from confkit.flags.rules.rollout import Rollout, Variant, cuts, digest_and_bucket, variant_of


def predicate(rollout: Rollout, *, dialect: str, column: str = "user_id") -> str:
    """The condition that is true for the ids in the rollout, for a WHERE clause.

    :raises ValueError: for a dialect or a column that is none.
    """
    return Hashed(rollout, dialect_of(dialect), column).inside(rollout.percentage)


def h32(rollout: Rollout, *, dialect: str, column: str = "user_id") -> str:
    """The first 32 bits of the hash as a number."""
    return Hashed(rollout, dialect_of(dialect), column).word(1)


def bucket(rollout: Rollout, *, dialect: str, column: str = "user_id") -> str:
    """The bucket, 0 to 99,999."""
    return Hashed(rollout, dialect_of(dialect), column).bucket()


def variant(
    rollout: Rollout, variants: Iterable[Variant], *, dialect: str, column: str = "user_id"
) -> str:
    """The name of the variant, whether or not the id is in the rollout.

    :raises ValueError: when there are no variants, or a name has no spelling in the dialect.
    """
    return Hashed(rollout, dialect_of(dialect), column).variant(variants)


class Hashed:
    """The expressions over the md5 of one column with one salt."""

    def __init__(self, rollout: Rollout, dialect: Dialect, column: str) -> None:
        self.rollout = rollout
        self.dialect = dialect
        self.column = identifier(dialect, column)
        text = dialect.text.format(id=self.column)
        if rollout.scheme == "legacy-md5-100":
            payload = text
        else:
            # A salt of a name's length is as harmless: the alphabet is the same.
            if not SALT.match(rollout.salt[:64]) or not SALT.match(rollout.salt[64:] or "-"):
                raise ValueError("a salt is 1 to 128 letters, digits, '_', '.' or '-'")
            payload = dialect.payload.format(salt=rollout.salt, text=text)
        self.hex = dialect.hex.format(payload=payload)

    def word(self, at: int) -> str:
        """The number that eight digits, from ``at`` on, stand for."""
        digits = " + ".join(
            f"((instr('0123456789abcdef', substr({self.hex}, {at + n}, 1)) - 1) << {28 - 4 * n})"
            for n in range(8)
        )
        return self.dialect.word.format(hex=self.hex, at=at, digits=digits)

    def bucket(self) -> str:
        if self.rollout.scheme == "md5-32":
            return self.dialect.bucket.format(h=self.word(1))
        # 2**96, 2**64 and 2**32 leave 36, 16 and 96 when they are divided by 100.
        factors = ((1, 36), (9, 16), (17, 96), (25, 1))
        number = " + ".join(f"{self.word(at)} * {factor}" for at, factor in factors)
        return f"{self.dialect.remainder.format(number=number, by=100)} * 1000"

    def inside(self, percentage: float) -> str:
        if self.rollout.scheme == "md5-32":
            hex_ = self.dialect.compare.format(hex=self.hex)
            return f"{hex_} < '{text_threshold(percentage)}'"
        return f"({self.bucket()}) < {steps(percentage)}"

    def listed(self, ids: Iterable[str]) -> str:
        """Whether the id is on a list: compared by hash, which no collation or quote changes."""
        hashed = (digest_and_bucket(self.rollout, unit)[0].hex() for unit in sorted(set(ids)))
        return f"{self.hex} IN ({', '.join(repr(text) for text in hashed)})"

    def variant(self, variants: Iterable[Variant]) -> str:
        second = self.dialect.compare.format(hex=f"substr({self.hex}, 9, 8)")
        total, cases = 0, []
        for name, weight in sorted(variants):
            total += steps(weight)
            text = literal(self.dialect, name)
            cases.append(f"WHEN {second} < '{text_threshold(total / 1000)}' THEN {text}")
        if not cases:
            raise ValueError("the flag has no variants")
        return f"CASE {' '.join(cases)} END"


#: Ids that go wrong where a system trims, folds, normalises or recodes; none needs escapes.
AWKWARD = (
    "42", "user-42", "0", "007", " 42", "42 ", "A", "a", "é", "e\u0301", "ß", "日本語", "😀",
    "a:b", "a,b", "%", "_", "#", "x" * 300, "4294967295",
)  # fmt: skip


def self_check(rollout: Rollout, *, dialect: str) -> str:
    """A query that gives the ids for which this engine disagrees with Python: none, if all is well.

    It compares the bucket, the rollout at 50 % and a split in halves. Run it once in the warehouse
    that will use the other expressions.

    :raises ValueError: for a dialect that does not exist.
    """
    halves = (Variant("a", 50), Variant("b", 50))
    hashed = Hashed(rollout, dialect_of(dialect), "id")
    rows = []
    for unit in AWKWARD:
        digested, place = digest_and_bucket(rollout, unit)
        half = variant_of(digested, cuts(halves))
        rows.append(
            f"SELECT '{unit}' AS id, {place} AS expected, {int(place < 50_000)} AS inside, "
            f"'{half}' AS half"
        )
    actual = hashed.bucket()
    checks = (
        f"({actual}) IS NULL",
        f"({actual}) <> expected",
        f"CASE WHEN {hashed.inside(50)} THEN 1 ELSE 0 END <> inside",
        f"COALESCE({hashed.variant(halves)}, '') <> half",
    )
    return (
        f"SELECT id, expected, {actual} AS actual FROM ({' UNION ALL '.join(rows)}) AS ids "  # noqa: S608 - of our own parts
        f"WHERE {' OR '.join(checks)}"
    )
