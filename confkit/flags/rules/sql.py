"""The bucket in SQL: for each dialect, the expressions that give what Python gives, bit for bit.

``md5(salt || ':' || id) < '33333334'`` *is* a rollout at 20 %: lower-case hexadecimal text sorts
like the number it stands for. A NULL id gives NULL, never a bucket. :func:`self_check` is a query
that shows whether a warehouse agrees.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from confkit.bucket import digest, steps, text_threshold
from confkit.flags.rules.literals import SALT
from confkit.flags.rules.model import Rule
from confkit.flags.rules.rollout import Rollout, Variant


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one engine spells it. ``{id}``, ``{salt}``, ``{hex}``, ``{h}``, ``{at}``: parts."""

    #: 32 lower-case hexadecimal digits of the md5 of the payload.
    hex: str
    #: The unsigned number that eight hexadecimal digits, from ``{at}`` on, stand for.
    word: str
    #: ``{h}`` scaled to 0 .. 99,999.
    bucket: str = "(({h}) * 100000) >> 32"
    #: How a comparison of texts is made one of bytes.
    compare: str = "{hex}"


DIALECTS: dict[str, Dialect] = {
    "duckdb": Dialect(
        hex="md5('{salt}:' || CAST({id} AS VARCHAR))",
        word="CAST('0x' || substr({hex}, {at}, 8) AS BIGINT)",
    ),
    "postgresql": Dialect(
        hex="md5('{salt}:' || CAST({id} AS text))",
        word="('x' || substr({hex}, {at}, 8))::bit(32)::bigint",
        compare='{hex} COLLATE "C"',
    ),
    "spark": Dialect(
        hex="md5(concat('{salt}:', CAST({id} AS STRING)))",
        word="CAST(conv(substr({hex}, {at}, 8), 16, 10) AS BIGINT)",
        bucket="shiftright(({h}) * 100000, 32)",
    ),
    "clickhouse": Dialect(
        hex="lower(hex(MD5(concat('{salt}:', toString({id})))))",
        word="reinterpretAsUInt32(reverse(unhex(substring({hex}, {at}, 8))))",
        bucket="bitShiftRight(toUInt64({h}) * 100000, 32)",
    ),
    # SQLite has no md5: con.create_function("md5", 1, f, deterministic=True) brings one.
    "sqlite": Dialect(
        hex="md5('{salt}:' || CAST({id} AS TEXT))",
        word="({nibbles})",
    ),
    "bigquery": Dialect(
        hex="TO_HEX(MD5(CONCAT('{salt}:', CAST({id} AS STRING))))",
        word="CAST(CONCAT('0x', SUBSTR({hex}, {at}, 8)) AS INT64)",
    ),
    "snowflake": Dialect(
        hex="MD5('{salt}:' || TO_VARCHAR({id}))",
        word="TO_NUMBER(SUBSTR({hex}, {at}, 8), 'XXXXXXXX')",
        bucket="BITSHIFTRIGHT(({h}) * 100000, 32)",
    ),
    "trino": Dialect(
        hex="lower(to_hex(md5(to_utf8('{salt}:' || CAST({id} AS VARCHAR)))))",
        word="from_base(substr({hex}, {at}, 8), 16)",
        bucket="bitwise_right_shift(({h}) * 100000, 32)",
    ),
    "redshift": Dialect(
        # A bare VARCHAR would cut at 256 bytes.
        hex="MD5('{salt}:' || CAST({id} AS VARCHAR(65535)))",
        word="STRTOL(SUBSTRING({hex}, {at}, 8), 16)",
    ),
    "mysql": Dialect(
        hex="MD5(CONCAT('{salt}:', CONVERT({id} USING utf8mb4)))",
        word="CAST(CONV(SUBSTR({hex}, {at}, 8), 16, 10) AS UNSIGNED)",
    ),
}

#: A column, perhaps with its table, quoted the way dialects quote: nothing that ends an expression.
_COLUMN = re.compile(
    r"[A-Za-z_][A-Za-z0-9_$]*(\.[A-Za-z_][A-Za-z0-9_$]*)*\Z|\"[^\"\\;]+\"\Z|`[^`\\;]+`\Z"
)


def _parts(dialect: str, rollout: Rollout, column: str) -> tuple[Dialect, str]:
    found = DIALECTS.get(dialect)
    if found is None:
        raise ValueError(f"no dialect {dialect!r}; there are {', '.join(DIALECTS)}")
    if _COLUMN.match(column) is None:
        raise ValueError("a column is a name, perhaps with its table, or a quoted name")
    return found, _hex(found, rollout, column)


def _hex(dialect: Dialect, rollout: Rollout, column: str) -> str:
    if rollout.scheme != "md5-32":
        raise ValueError(f"the scheme {rollout.scheme} has no SQL; raise the flag to md5-32")
    # A salt of a name's length is as harmless: the alphabet is the same.
    if SALT.match(rollout.salt[:64]) is None or SALT.match(rollout.salt[64:] or "-") is None:
        raise ValueError("a salt is 1 to 128 letters, digits, '_', '.' or '-'")
    return dialect.hex.format(salt=rollout.salt, id=column)


def _word(dialect: Dialect, hex_: str, at: int) -> str:
    # Without a conversion from hexadecimal, the digits are looked up one by one.
    nibbles = " + ".join(
        f"((instr('0123456789abcdef', substr({hex_}, {at + n}, 1)) - 1) << {28 - 4 * n})"
        for n in range(8)
    )
    return dialect.word.format(hex=hex_, at=at, nibbles=nibbles)


def predicate(rollout: Rollout, *, dialect: str, column: str = "user_id") -> str:
    """The condition that is true for the ids in the rollout, for a WHERE clause.

    :raises ValueError: for a dialect, a column or a scheme that has none.
    """
    found, hex_ = _parts(dialect, rollout, column)
    return f"{found.compare.format(hex=hex_)} < '{text_threshold(rollout.percentage)}'"


def h32(rollout: Rollout, *, dialect: str, column: str = "user_id") -> str:
    """The first 32 bits of the hash as a number."""
    found, hex_ = _parts(dialect, rollout, column)
    return _word(found, hex_, 1)


def bucket(rollout: Rollout, *, dialect: str, column: str = "user_id") -> str:
    """The bucket, 0 to 99,999."""
    found, hex_ = _parts(dialect, rollout, column)
    return found.bucket.format(h=_word(found, hex_, 1))


def variant(
    rollout: Rollout, variants: Iterable[Variant], *, dialect: str, column: str = "user_id"
) -> str:
    """The name of the variant, whether or not the id is in the rollout."""
    found, hex_ = _parts(dialect, rollout, column)
    second = found.compare.format(hex=f"substr({hex_}, 9, 8)")
    total, cases = 0, []
    for name, weight in sorted(variants):
        total += steps(weight)
        cases.append(f"WHEN {second} < '{text_threshold(total / 1000)}' THEN '{name}'")
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

    Run it once in the warehouse that will use the other expressions.
    """
    found = DIALECTS.get(dialect)
    if found is None:
        raise ValueError(f"no dialect {dialect!r}; there are {', '.join(DIALECTS)}")
    known = [(unit, int.from_bytes(digest(rollout.salt, unit)[:4], "big")) for unit in AWKWARD]
    rows = " UNION ALL ".join(f"SELECT '{unit}' AS id, {h} AS expected" for unit, h in known)
    actual = _word(found, _hex(found, rollout, "id"), 1)
    # Some engines answer NULL where a conversion fails, and NULL differs from nothing.
    differs = f"({actual}) IS NULL OR ({actual}) <> expected"
    return f"SELECT id, expected, {actual} AS actual FROM ({rows}) AS ids WHERE {differs}"  # noqa: S608 - of our own parts


def limits(rule: Rule) -> list[str]:
    """What a rule says beyond its rollout, and the predicate therefore does not."""
    said = {
        "is disabled": not rule.enabled,
        "has a deny-list": rule.deny,
        "has an allow-list": rule.allow is not None,
        "has conditions": rule.conditions,
        "has prerequisites": rule.prerequisites,
        "has a schedule": rule.schedule,
    }
    return [text for text, there in said.items() if there]
