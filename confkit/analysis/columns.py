"""Columns of ids and of attributes, from whatever holds them, as Arrow; and results back again.

What can be an id is decided in :func:`confkit.bucket.unit_text`, for a column as for one question:
text as it is and integers in decimal digits. A float, a bool or bytes is refused with its row.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from confkit.analysis.distribution import checked
from confkit.errors import InvalidPopulation, MissingExtra

try:
    import numpy as np
    import pyarrow as pa
    from pyarrow import compute
except ImportError as error:
    raise MissingExtra(error.name or "pyarrow", "analysis") from None

Array = Any  # a numpy array
#: A list, numpy array, pandas or polars series, Arrow array: anything that holds one column.
Column = Any
#: A mapping of columns, a pandas or polars frame, an Arrow table or batch.
Frame = Any


class Units(NamedTuple):
    """Ids as the kernel reads them; ``valid`` is None where no id is missing."""

    parts: Sequence[tuple[Array, Array]]
    valid: Array | None
    length: int


def is_frame(value: object) -> bool:
    """Whether a value has named columns."""
    return (
        isinstance(value, Mapping)
        or hasattr(value, "column_names")
        or (hasattr(value, "columns") and hasattr(value, "__getitem__"))
    )


def frame_columns(frame: Frame) -> dict[str, Column]:
    """The columns of a frame by name.

    :raises confkit.InvalidPopulation: for a frame that has not been computed, or names twice.
    """
    if isinstance(frame, Mapping):
        return dict(frame)
    if hasattr(frame, "collect_schema") and not hasattr(frame, "__len__"):
        raise InvalidPopulation("a lazy frame has no rows yet: call collect(), or assign in SQL")
    names = list(frame.column_names if hasattr(frame, "column_names") else frame.columns)
    if len(set(names)) < len(names):
        raise InvalidPopulation("two columns have the same name")
    return {str(name): frame[name] for name in names}


def arrow(values: Column, name: str = "ids") -> Any:
    """A column as an Arrow chunked array, of whatever type.

    :raises confkit.InvalidPopulation: when it is no column, or mixes types.
    """
    try:
        if isinstance(values, pa.ChunkedArray):
            return values
        if isinstance(values, pa.Array):
            return pa.chunked_array([values])
        if getattr(values, "ndim", 1) != 1 or isinstance(values, str | bytes):
            raise InvalidPopulation(f"{name}: a column has one dimension")
        if _library(values) == "pandas" or isinstance(values, np.ndarray):
            if isinstance(values, np.ndarray) and values.dtype.kind == "T":
                values = values.astype(object)
            return _chunked(pa.array(values, from_pandas=True))
        if hasattr(values, "__arrow_c_stream__") or hasattr(values, "__arrow_c_array__"):
            return pa.chunked_array(values)
        return _chunked(pa.array(values if isinstance(values, list) else list(values)))
    except (pa.ArrowException, OverflowError, UnicodeEncodeError, TypeError) as error:
        if isinstance(error, InvalidPopulation):
            raise
        raise InvalidPopulation(f"{name}: not a column of one type ({error})") from None


def _chunked(array: Any) -> Any:
    return array if isinstance(array, pa.ChunkedArray) else pa.chunked_array([array])


def texts(values: Column, name: str = "ids") -> Any:
    """A column of ids as an Arrow chunked array of text; missing ids are null.

    :raises confkit.InvalidPopulation: for the first id that is none, with its row.
    """
    if not hasattr(values, "__len__") and not hasattr(values, "__arrow_c_stream__"):
        values = list(values)
    try:
        column = arrow(values, name)
    except InvalidPopulation:
        if not _rows_are_python(values):
            raise
        return _one_by_one(values, name)
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = pa.chunked_array(map(_decoded, column.chunks), _plain(kind.value_type))
        kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return column
    if pa.types.is_string_view(kind):
        return column.cast(pa.large_string())
    if pa.types.is_integer(kind) or pa.types.is_null(kind):
        return column.cast(pa.string())
    rows = values if isinstance(values, list | tuple) else column.to_pylist()
    return _one_by_one(rows, name)


def _decoded(chunk: Any) -> Any:
    words = chunk.dictionary.cast(_plain(chunk.type.value_type))
    return pa.DictionaryArray.from_arrays(chunk.indices, words).dictionary_decode()


def _plain(kind: Any) -> Any:
    """Arrow can look up no views."""
    return pa.large_string() if pa.types.is_string_view(kind) else kind


def _rows_are_python(values: Column) -> bool:
    """Whether each row is an object of its own, so that the fault can be found among them."""
    if isinstance(values, str | bytes) or getattr(values, "ndim", 1) != 1:
        return False
    return (
        isinstance(values, Sequence) or getattr(getattr(values, "dtype", None), "kind", "") == "O"
    )


def _one_by_one(rows: Sequence[Any], name: str) -> Any:
    """Ids one by one: of mixed types, or of a type that only Python knows."""
    pandas = not isinstance(rows, list | tuple)
    found = []
    for row, unit in enumerate(rows):
        missing = unit is None or (pandas and (unit != unit or str(unit) == "<NA>"))
        try:
            found.append(None if missing else checked(unit, row))
        except InvalidPopulation as error:
            raise InvalidPopulation(f"{name}: {error}") from None
    return pa.chunked_array([pa.array(found, pa.large_string())])


def units(column: Any) -> Units:
    """A chunked array of text as the kernel reads it; nothing is copied."""
    parts = []
    for chunk in column.chunks:
        if len(chunk) == 0:
            continue
        wide = np.int64 if pa.types.is_large_string(chunk.type) else np.int32
        _, offsets, data = chunk.buffers()
        places = np.frombuffer(offsets, wide)[chunk.offset : chunk.offset + len(chunk) + 1]
        content = np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8)
        parts.append((content, places))
    valid = None
    if column.null_count:
        valid = compute.is_valid(column).to_numpy()
    return Units(parts, valid, len(column))


# Results


def like(values: Column) -> Callable[[Any], Any]:
    """From an Arrow array to the kind of column that ``values`` is: a list from a list, and so on.

    A numpy array gets a masked array where something is missing.
    """
    library = _library(values)
    if library == "pandas":
        pandas, index = sys.modules["pandas"], getattr(values, "index", None)
        return lambda array: pandas.Series(_pandas_array(array), index=index)
    if library == "polars":
        polars = sys.modules["polars"]
        return lambda array: polars.Series(array)
    if library == "pyarrow":
        return lambda array: array
    if isinstance(values, np.ndarray):
        return _numpy
    return lambda array: array.to_pylist()


def _library(values: object) -> str:
    return type(values).__module__.partition(".")[0]


def _pandas_array(array: Any) -> Any:
    """Nullable types of pandas: an integer column with a gap must not become one of floats."""
    pandas = sys.modules["pandas"]
    if pa.types.is_dictionary(array.type):
        return pandas.Categorical.from_codes(
            array.indices.fill_null(-1).to_numpy(zero_copy_only=False),
            array.dictionary.to_pylist(),
        )
    kinds = {pa.bool_(): pandas.BooleanDtype(), pa.int32(): pandas.Int32Dtype()}
    return kinds[array.type].__from_arrow__(array)


def _numpy(array: Any) -> Array:
    if pa.types.is_dictionary(array.type):
        return np.array(array.to_pylist(), dtype=object)
    missing = None
    if array.null_count:
        missing = compute.is_null(array).to_numpy(zero_copy_only=False)
        array = array.fill_null(False if pa.types.is_boolean(array.type) else -1)
    found = array.to_numpy(zero_copy_only=False)
    return found if missing is None else np.ma.masked_array(found, missing)
