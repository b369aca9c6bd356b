"""Spark computes what Python does, in SQL and as a column of a DataFrame."""

from __future__ import annotations

import pytest

pa = pytest.importorskip("pyarrow")
sql = pytest.importorskip("pyspark.sql")
from pyarrow import parquet  # noqa: E402

from confkit.analysis import spark  # noqa: E402
from tests.engines import corpus  # noqa: E402


@pytest.fixture(scope="module")
def session(file):
    found = (
        sql.SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.memory", "3g")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.session.timeZone", "UTC")
        .getOrCreate()
    )
    found.read.parquet(str(file)).createOrReplaceTempView("users")
    yield found
    found.stop()


@pytest.fixture
def read(tmp_path):
    """From a DataFrame to an Arrow table, by way of a file."""
    count = 0

    def run(frame):
        nonlocal count
        count += 1
        place = tmp_path / f"answer-{count}"
        frame.write.parquet(str(place))
        return parquet.read_table(place)

    return run


def test_spark(session, read, check):
    check(lambda query: read(session.sql(query)), "spark")


def test_one_line_for_a_data_frame(session, read, units):
    from confkit.analysis import assign

    frame = session.table("users")
    rule = corpus.RULES["fine"]
    answer = read(
        frame.select(
            "n",
            spark.enabled(rule).alias("on"),
            spark.variant(rule).alias("variant"),
            spark.bucket(rule).alias("bucket"),
        )
    ).sort_by("n")
    known = assign(rule, units)
    assert answer["on"].to_pylist() == known.on.to_pylist()
    assert answer["variant"].to_pylist() == known.variant.to_pylist()
