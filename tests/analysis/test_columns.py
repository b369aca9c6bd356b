"""Columns of ids from whatever holds them: what the scalar function takes, and nothing else."""

from __future__ import annotations

import uuid
from decimal import Decimal

import pytest

np = pytest.importorskip("numpy")
pa = pytest.importorskip("pyarrow")
pd = pytest.importorskip("pandas")
pl = pytest.importorskip("polars")

from confkit.analysis.columns import frame_columns, is_frame, like, texts, units  # noqa: E402
from confkit.bucket import unit_text  # noqa: E402
from confkit.errors import InvalidPopulation  # noqa: E402

WORDS = ["a", "", "é", None, "😀", " 42 "]
NUMBERS = [1, -5, 2**63 - 1, None, 0]
COLUMNS = {
    "list": WORDS,
    "tuple": tuple(WORDS),
    "generator": (word for word in WORDS),
    "numpy objects": np.array(WORDS, object),
    "pandas str": pd.Series(WORDS),
    "pandas object": pd.Series(WORDS, dtype=object),
    "pandas category": pd.Series(WORDS, dtype="category"),
    "pandas index": pd.Index(WORDS),
    "polars": pl.Series(WORDS),
    "polars categorical": pl.Series(WORDS, dtype=pl.Categorical),
    "arrow": pa.array(WORDS),
    "arrow large": pa.array(WORDS, pa.large_string()),
    "arrow view": pa.array(WORDS, pa.string_view()),
    "arrow dictionary": pa.array(WORDS).dictionary_encode(),
    "arrow chunked": pa.chunked_array([WORDS[:2], [], WORDS[2:]]),
    "arrow slice": pa.array(["x", "yy", *WORDS, "zzz"])[2:8],
}
INTEGERS = {
    "list": NUMBERS,
    "huge": [*NUMBERS[:3], None, 0],
    "numpy masked": np.ma.masked_array([1, -5, 2**63 - 1, 9, 0], [0, 0, 0, 1, 0]),
    "pandas Int64": pd.Series(NUMBERS, dtype="Int64"),
    "polars": pl.Series(NUMBERS),
    "arrow": pa.array(NUMBERS),
    "arrow dictionary": pa.array(NUMBERS).dictionary_encode(),
}


@pytest.mark.parametrize("kind", COLUMNS)
def test_text(kind):
    assert texts(COLUMNS[kind]).to_pylist() == WORDS


@pytest.mark.parametrize("kind", INTEGERS)
def test_integers_are_their_decimal_digits(kind):
    expected = [None if n is None else str(n) for n in NUMBERS]
    assert texts(INTEGERS[kind]).to_pylist() == expected


@pytest.mark.parametrize(
    "kind", ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
)
def test_every_width_of_integer(kind):
    info = np.iinfo(kind)
    column = np.array([info.min, 0, info.max], kind)
    assert texts(column).to_pylist() == [str(info.min), "0", str(info.max)]


def test_other_columns_of_text():
    assert texts(np.array(["a", "bc"])).to_pylist() == ["a", "bc"]
    strings = np.array(["a", "é" * 40], np.dtypes.StringDType())
    assert texts(strings).to_pylist() == ["a", "é" * 40]
    assert texts([]).to_pylist() == []
    assert texts([None, None]).to_pylist() == [None, None]
    assert texts([1, "1", None, 2**80]).to_pylist() == ["1", "1", None, str(2**80)]
    mixed = pd.Series([1, "a", None, np.nan], dtype=object)
    assert texts(mixed).to_pylist() == ["1", "a", None, None]


BAD = {
    "float": [1.0],
    "whole float in integers": [1, 2.0],
    "bool": [True],
    "bool in integers": [1, True],
    "bytes": [b"a"],
    "bytes in text": ["a", b"b"],
    "surrogate": ["a", "\ud800"],
    "nan": ["a", float("nan")],
    "decimal": [Decimal(1)],
    "a list": [["a"]],
    "pandas floats": pd.Series([1, None, 2]),
    "numpy floats": np.array([1.5]),
    "numpy bools": np.array([True]),
    "numpy bytes": np.array([b"a"]),
    "polars floats": pl.Series([1.5, None]),
    "polars dates": pl.Series([1]).cast(pl.Date),
    "arrow binary": pa.array([b"x"]),
    "two dimensions": np.array([["a"], ["b"]]),
    "a text": "abc",
}


@pytest.mark.parametrize("kind", BAD)
def test_what_is_no_column_of_ids_is_refused(kind):
    with pytest.raises(InvalidPopulation, match=r"^ids: "):
        texts(BAD[kind])


@pytest.mark.parametrize("row", [0, 3])
def test_the_row_is_named_and_the_fix(row):
    ids = ["a"] * 5
    ids[row] = 1.5
    with pytest.raises(InvalidPopulation, match=f"row {row}: .*float; .*use Int64"):
        texts(ids)


def test_whatever_the_scalar_function_takes_a_column_takes():
    """And the other way round: one definition of an id."""
    for unit in (uuid.UUID(int=5), np.int64(3), np.str_("x"), 1.0, True, b"x", 5, "x"):
        expected = unit_text(unit)
        if expected is not None:
            assert texts([unit]).to_pylist() == [expected]
        elif not isinstance(unit, np.int64):
            with pytest.raises(InvalidPopulation):
                texts([unit])


def test_the_buffers_are_not_copied():
    column = pa.array(["abc", "de", None, "f"])
    found = units(texts(column))
    ((data, offsets),) = found.parts
    assert data.ctypes.data == column.buffers()[2].address
    assert offsets.tolist() == [0, 3, 5, 5, 6]
    assert found.valid.tolist() == [True, True, False, True]
    assert units(texts(["a"])).valid is None
    assert units(texts([])).parts == []


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        (["a", "b"], list),
        (np.array(["a", "b"]), np.ndarray),
        (pd.Series(["a", "b"]), pd.Series),
        (pl.Series(["a", "b"]), pl.Series),
        (pa.array(["a", "b"]), pa.Array),
    ],
)
def test_results_are_of_the_same_kind(column, kind):
    make = like(column)
    for array in (
        pa.array([1, None], pa.int32()),
        pa.array([True, None]),
        pa.array(["x", None]).dictionary_encode(),
    ):
        found = make(array)
        assert isinstance(found, kind)
        assert pa.array(found, from_pandas=True).to_pylist() == array.to_pylist()


def test_a_pandas_result_keeps_the_index():
    found = like(pd.Series(["a", "b"], index=[7, 9]))(pa.array([1, None], pa.int32()))
    assert found.index.tolist() == [7, 9]
    assert str(found.dtype) == "Int32"


def test_frames():
    for frame in (
        {"a": [1], "b": [2]},
        pd.DataFrame({"a": [1], "b": [2]}),
        pl.DataFrame({"a": [1], "b": [2]}),
        pa.table({"a": [1], "b": [2]}),
    ):
        assert is_frame(frame)
        assert list(frame_columns(frame)) == ["a", "b"]
    for column in ([1], np.array([1]), pd.Series([1]), pl.Series([1]), pa.array([1])):
        assert not is_frame(column)
    with pytest.raises(InvalidPopulation, match="lazy"):
        frame_columns(pl.LazyFrame({"a": [1]}))
    with pytest.raises(InvalidPopulation, match="same name"):
        frame_columns(pd.DataFrame([[1, 2]], columns=["a", "a"]))
