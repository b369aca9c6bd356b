"""The member of a union that a value belongs to, whatever the order of the members."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from itertools import permutations
from pathlib import Path
from typing import Annotated, Any, Literal, Union

import pytest

from confkit import Check, Entry, InvalidConfig, Origin, Secret, Values, load
from confkit.resolution.coercion import coercer
from confkit.resolution.scalars import Refused
from confkit.schema.shapes import shape_of

AT = Origin("env", "X")


@dataclass(frozen=True)
class S3:
    bucket: str
    kind: Literal["s3"] = "s3"
    parts: Annotated[int, Check(min=1)] = 1


@dataclass(frozen=True)
class Local:
    path: str
    kind: Literal["local", "disk"] = "local"


def read(annotation: Any, raw: Any, quote: str = "") -> Any:
    return coercer(shape_of(annotation)[0])(Entry(raw, AT, quote))


CASES: list[tuple[tuple[Any, ...], Any, str, Any]] = [
    ((int, str), "5", "", 5),
    ((int, str), "5", '"', "5"),
    ((int, str), "x", "", "x"),
    ((bool, int), "1", "", 1),
    ((bool, int), "yes", "", True),
    ((bool, int), 1, "", 1),
    ((bool, int), True, "", True),
    ((bool, str), "1", "", True),
    ((int, float), "5", "", 5),
    ((int, float), 5.0, "", 5.0),
    ((int, float), "5.5", "", 5.5),
    ((float, Decimal), "0.1", "", Decimal("0.1")),
    ((dt.date, dt.datetime), "2026-01-31", "", dt.date(2026, 1, 31)),
    ((dt.date, dt.datetime), "2026-01-31T10:00:00", "", dt.datetime(2026, 1, 31, 10)),
    ((dt.date, dt.datetime), dt.datetime(2026, 1, 31), "", dt.datetime(2026, 1, 31)),
    ((dt.timedelta, int), "30", "", 30),
    ((dt.timedelta, int), "30s", "", dt.timedelta(seconds=30)),
    ((Path, int), "5", "", 5),
    ((Secret, None), "x", "", Secret("x")),
    ((str, None), "", "", ""),
    ((int, None), "", "", None),
    ((int, None), "null", "", None),
    ((Literal["auto"], int, str), "auto", "", "auto"),
    ((str, list[str]), "a,b", "", "a,b"),
    ((str, list[str]), '["a", "b"]', "", ["a", "b"]),
    ((int, list[int]), "1,2", "", [1, 2]),
    ((str, dict[str, int]), {"a": 1}, "", {"a": 1}),
    ((S3, Local), {"kind": "disk", "path": "/"}, "", Local("/", "disk")),
    ((S3, Local), '{"kind": "s3", "bucket": "b"}', "", S3("b")),
    ((S3, Local, str), "b", "", "b"),
    ((S3, Local, None), None, "", None),
    ((S3, Local), S3("b"), "", S3("b")),
]


@pytest.mark.parametrize(("members", "raw", "quote", "value"), CASES)
def test_a_value_belongs_to_one_member_in_every_order(members, raw, quote, value):
    for order in permutations(members):
        made = read(Union[order], raw, quote)  # noqa: UP007 - made of a tuple
        assert (made, type(made)) == (value, type(value)), order


@pytest.mark.parametrize(
    ("annotation", "raw", "path", "says"),
    [
        (S3 | Local, {"bucket": "b"}, ("kind",), "is required and not set"),
        (S3 | Local, {"kind": "s4"}, ("kind",), "is none of s3, local, disk"),
        (S3 | Local, {"kind": "s3", "bucket": 5}, ("bucket",), "is a number"),
        (S3 | Local, {"kind": "s3", "bucket": "b", "parts": 0}, ("parts",), "must be at least 1"),
        (S3 | str, {"kind": "s3"}, ("bucket",), "is required and not set"),
        (int | dt.date, "x", (), "fits none of int, date"),
        (Annotated[int, Check(min=1)] | str, "0", (), "must be at least 1"),
        (Annotated[int, Check(min=1)] | None, "0", (), "must be at least 1"),
        (int | None, "x", (), "is not an integer"),
        (list[int] | dt.date, ["x"], (0,), "is not an integer"),
        (list[int] | str, '["x"]', (0,), "is not an integer"),
    ],
)
def test_what_is_wrong_is_told_of_the_member_it_belongs_to(annotation, raw, path, says):
    with pytest.raises(Refused) as caught:
        read(annotation, raw)
    (fault,) = caught.value.faults
    assert (fault.path, says in fault.why) == (path, True)


@dataclass(frozen=True)
class Settings:
    store: S3 | Local = Local("/")
    stores: dict[str, S3 | Local] | None = None


def test_from_a_file_and_the_environment(tmp_path):
    import confkit

    (tmp_path / "a.yaml").write_text("store:\n  kind: s3\n  bucket: b\nstores:\n  x: {kind: s3}\n")
    file = confkit.File(tmp_path / "a.yaml")
    environ = confkit.Environ(environ={"STORE__PARTS": "7", "STORES__X__BUCKET": "c"})
    current = load(Settings, file, environ).current
    assert current == Settings(S3("b", parts=7), {"x": S3("c")})
    with pytest.raises(InvalidConfig, match=r"stores.x.bucket: is required"):
        load(Settings, file)
    assert load(Settings, Values({"store": S3("q")})).current.store == S3("q")
