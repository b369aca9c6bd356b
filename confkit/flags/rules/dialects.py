"""How each SQL dialect spells md5, texts, names and the arithmetic of buckets.

A template is a text with ``{parts}``; what goes into it is a column that was checked, a salt, or a
literal of :func:`literal`. ``tests/engines`` runs those of DuckDB, PostgreSQL, ClickHouse, Spark
and SQLite; the others follow their documentation, and ``selfcheck`` tells whether they agree.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Dialect:
    """One dialect. ``{id}``: a column; ``{text}``: it as text; ``{hex}``: 32 hexadecimal digits."""

    #: A column as text, whatever its type.
    text: str
    #: The md5 of ``{payload}`` as 32 lower-case hexadecimal digits.
    hex: str
    #: The unsigned number that eight hexadecimal digits, from ``{at}`` on, stand for.
    word: str
    #: The text that is hashed. NULL stays NULL.
    payload: str = "'{salt}:' || {text}"
    #: ``{h}``, a number below 2**32, scaled to 0 .. 99,999.
    bucket: str = "(({h}) * 100000) >> 32"
    #: How a comparison of digits is made one of bytes.
    compare: str = "{hex}"
    #: A text that is equal to another only if all bytes are; ``{end}`` goes to the end of both.
    exact: str = "{text}"
    end: str = ""
    remainder: str = "({number}) % {by}"
    prefix: str = "left({text}, {count}) = {literal}"
    suffix: str = "right({text}, {count}) = {literal}"
    #: A column as a number; NULL where it is none.
    number: str = "{id}"
    quote: str = '"'
    #: What a backslash in a text constant is: a character, an escape, or either by a setting.
    backslash: Literal["plain", "escape", "doubtful"] = "plain"


DIALECTS: dict[str, Dialect] = {
    "duckdb": Dialect(
        text="CAST({id} AS VARCHAR)",
        hex="md5({payload})",
        word="CAST('0x' || substr({hex}, {at}, 8) AS BIGINT)",
    ),
    "postgresql": Dialect(
        text="CAST({id} AS text)",
        hex="md5({payload})",
        word="('x' || substr({hex}, {at}, 8))::bit(32)::bigint",
        compare='{hex} COLLATE "C"',
    ),
    "spark": Dialect(
        text="CAST({id} AS STRING)",
        payload="concat('{salt}:', {text})",
        hex="md5({payload})",
        word="CAST(conv(substr({hex}, {at}, 8), 16, 10) AS BIGINT)",
        bucket="shiftright(({h}) * 100000, 32)",
        quote="`",
        backslash="escape",
    ),
    "clickhouse": Dialect(
        text="toString({id})",
        payload="concat('{salt}:', {text})",
        hex="lower(hex(MD5({payload})))",
        word="reinterpretAsUInt32(reverse(unhex(substring({hex}, {at}, 8))))",
        bucket="bitShiftRight(toUInt64({h}) * 100000, 32)",
        prefix="startsWith({text}, {literal})",
        suffix="endsWith({text}, {literal})",
        backslash="escape",
    ),
    # SQLite has no md5: con.create_function("md5", 1, f, deterministic=True) brings one.
    "sqlite": Dialect(
        text="CAST({id} AS TEXT)",
        hex="md5({payload})",
        # No conversion from hexadecimal: the digits are looked up one by one.
        word="({digits})",
        prefix="substr({text}, 1, {count}) = {literal}",
        suffix="substr({text}, -{count}) = {literal}",
        # A text is above every number there.
        number="CASE WHEN typeof({id}) IN ('integer', 'real') THEN {id} END",
        # In double quotes, a name that is no column would be a text constant.
        quote="`",
    ),
    "bigquery": Dialect(
        text="CAST({id} AS STRING)",
        payload="CONCAT('{salt}:', {text})",
        hex="TO_HEX(MD5({payload}))",
        word="CAST(CONCAT('0x', SUBSTR({hex}, {at}, 8)) AS INT64)",
        remainder="MOD({number}, {by})",
        prefix="STARTS_WITH({text}, {literal})",
        suffix="ENDS_WITH({text}, {literal})",
        quote="`",
        backslash="escape",
    ),
    "snowflake": Dialect(
        text="TO_VARCHAR({id})",
        hex="MD5({payload})",
        word="TO_NUMBER(SUBSTR({hex}, {at}, 8), 'XXXXXXXX')",
        bucket="BITSHIFTRIGHT(({h}) * 100000, 32)",
        backslash="escape",
    ),
    "trino": Dialect(
        text="CAST({id} AS VARCHAR)",
        hex="lower(to_hex(md5(to_utf8({payload}))))",
        word="from_base(substr({hex}, {at}, 8), 16)",
        bucket="bitwise_right_shift(({h}) * 100000, 32)",
        prefix="substr({text}, 1, {count}) = {literal}",
        suffix="substr({text}, -{count}) = {literal}",
    ),
    "redshift": Dialect(
        # A bare VARCHAR would cut at 256 bytes.
        text="CAST({id} AS VARCHAR(65535))",
        hex="MD5({payload})",
        word="STRTOL(SUBSTRING({hex}, {at}, 8), 16)",
        # Blanks at the end make no difference to a comparison there, so none stands at the end.
        exact="({text} || '|')",
        end="|",
        backslash="doubtful",
    ),
    "mysql": Dialect(
        text="CONVERT({id} USING utf8mb4)",
        payload="CONCAT('{salt}:', {text})",
        hex="MD5({payload})",
        word="CAST(CONV(SUBSTR({hex}, {at}, 8), 16, 10) AS UNSIGNED)",
        # A comparison of texts ignores case, accents and blanks at the end there.
        exact="CAST({text} AS BINARY)",
        prefix="CAST(LEFT({text}, {count}) AS BINARY) = {literal}",
        suffix="CAST(RIGHT({text}, {count}) AS BINARY) = {literal}",
        quote="`",
        backslash="doubtful",
    ),
}
#: Other names of the same dialects.
ALIASES = {
    "athena": "trino",
    "databricks": "spark",
    "mariadb": "mysql",
    "postgres": "postgresql",
}

_NAME = r"[A-Za-z_][A-Za-z0-9_$]*"
_PART = re.compile(rf"{_NAME}|\"[^\"`\\;\x00-\x1f\x7f]+\"|`[^\"`\\;\x00-\x1f\x7f]+`")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def dialect_of(name: str) -> Dialect:
    """The dialect of a name.

    :raises ValueError: with the names there are.
    """
    found = DIALECTS.get(ALIASES.get(name, name))
    if found is None:
        raise ValueError(f"no dialect {name!r}; there are {', '.join(DIALECTS)}")
    return found


def identifier(dialect: Dialect, column: str) -> str:
    """A column, perhaps with its table: plain names, or names quoted by ``"`` or ````` ` `````.

    Quoted names come out in the quotes of the dialect, where the others would be text constants.

    :raises ValueError: for anything that is more than a column.
    """
    place, parts = 0, []
    while match := _PART.match(column, place):
        part, place = match[0], match.end()
        parts.append(part if part[0] not in '"`' else dialect.quote + part[1:-1] + dialect.quote)
        if place == len(column):
            return ".".join(parts)
        if column[place] != ".":
            break
        place += 1
    raise ValueError(f"{column!r}: a column is a name, perhaps with its table, or a quoted name")


def literal(dialect: Dialect, text: str) -> str:
    """A text constant.

    :raises ValueError: for a text that has no safe spelling: control characters; a backslash
        where a setting or the server's version decides what it means.
    """
    if _CONTROL.search(text):
        raise ValueError(f"{text!r} has control characters")
    if dialect.backslash == "doubtful" and "\\" in text:
        raise ValueError(f"{text!r} has a backslash, which may be an escape there or not")
    if dialect.backslash == "escape":
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return "'" + text.replace("'", "''") + "'"
