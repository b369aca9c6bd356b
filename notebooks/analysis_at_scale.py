# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # From a hundred users to a hundred million
#
# The same flag for a hundred users in memory, for a file of any size, and in your warehouse: with
# the same answer for every user. `SIZE=1e8` in the environment runs this notebook over a hundred
# million users: on two cores their file took 42 s to make and 62 s to assign, in 250 MB of memory.

# %%
import os
import tempfile
import time
from pathlib import Path

import duckdb

from confkit import Rule
from confkit.analysis import assign, sample_ratio, sequential_sample_ratio
from confkit.analysis.engines import compare_engines
from confkit.analysis.files import assign_file
from confkit.analysis.population import population
from confkit.analysis.rollout_exports import warehouse_sql
from confkit.flags.rules.evaluation import Compiled

SIZE = int(float(os.environ.get("SIZE", "2e5")))
place = Path(tempfile.mkdtemp(prefix="confkit-scale-"))
checkout = Rule.from_document(
    "new-checkout",
    {
        "enabled": True,
        "percentage": 25,
        "deny": ["user-13"],
        "conditions": [{"attribute": "country", "in": ["DE", "AT", "NL"]}],
        "variants": {"control": 50, "express": 50},
    },
)

# %% [markdown]
# ## A hundred users
#
# A column in, a column out. Nothing is stored, nobody is asked: who is in follows from the id.

# %%
few = [f"user-{n}" for n in range(100)]
assign(checkout, {"user_id": few, "country": ["DE"] * 100})

# %% [markdown]
# ## A file of any size
#
# DuckDB makes the users here; yours come from your lake. The file is read and written in parts, so
# the memory that this takes does not grow with it.

# %%
users, assigned = place / "users.parquet", place / "assigned.parquet"
duckdb.sql(
    f"""COPY (SELECT 'user-' || range AS user_id,
                     ['DE', 'FR', 'AT', 'NL', 'US'][1 + range % 5] AS country
              FROM range({SIZE})) TO '{users}' (FORMAT parquet)"""
)
begun = time.perf_counter()
found = assign_file(Compiled(checkout), population(users), assigned)
seconds = time.perf_counter() - begun
print(f"{SIZE:,} users in {seconds:.1f} s, {users.stat().st_size / 1e6:,.1f} MB of Parquet")
found

# %% [markdown]
# ## Where the data is
#
# No user has to leave the warehouse: the flag is an expression there. Each engine that is installed
# here runs it over the same file, and is compared with Python: the users, those that are on, and
# the sum of all buckets, in which one wrong bucket would show.

# %%
few_million = users
if SIZE > 5_000_000:  # PostgreSQL has to load them first
    few_million = place / "few.parquet"
    duckdb.sql(f"COPY (FROM '{users}' LIMIT 5_000_000) TO '{few_million}' (FORMAT parquet)")
compare_engines(checkout, few_million)

# %% [markdown]
# BigQuery, Snowflake and Trino cannot run here. Each gets its text, and a query that gives no rows
# where the engine agrees with Python: run it there once.

# %%
text = warehouse_sql(checkout)
print(text[text.index("-- snowflake\n") :][:900])

# %% [markdown]
# ## A week of a ramp
#
# 1 % on Monday, 5 %, 25 %, 50 % from Thursday on. Every hour some users come, and every hour the
# shares of the variants are compared with those declared. A test that is made 168 times raises
# false alarms, unless it is one that may be made as often as one likes.

# %%
RAMP = [1, 5, 25, 50, 50, 50, 50]
hourly = duckdb.sql(
    f"""SELECT range % 168 AS hour, list('user-' || range) AS ids
        FROM range({min(SIZE, 2_000_000)}) GROUP BY hour ORDER BY hour"""
).fetchall()


def week(lost: float) -> list[tuple[int, int, str]]:
    """The hours with an alarm; `lost` is the share of events of `express` that never arrive."""
    counts, once, alarms = {"control": 0, "express": 0}, 0, []
    least = 1.0
    for hour, ids in hourly:
        document = {"enabled": True, "percentage": RAMP[hour // 24], "variants": dict(WEIGHTS)}
        rule = Rule.from_document("ramp", document)
        here = assign(rule, ids).distribution().variants
        for name in counts:
            counts[name] += here[name] - (int(here[name] * lost) if name == "express" else 0)
        if not sum(counts.values()):
            continue
        once += sample_ratio(counts, WEIGHTS).mismatch
        ratio = sequential_sample_ratio(counts, WEIGHTS, before=least)
        least = ratio.p
        if ratio.mismatch:
            alarms.append((hour, sum(counts.values()), ratio.headline))
    return alarms


WEIGHTS = {"control": 50, "express": 50}
for lost in (0.0, 0.1):
    alarms = week(lost)
    first = f"first in hour {alarms[0][0]}: {alarms[0][2]}" if alarms else "none in 168 hours"
    print(f"{lost:.0%} of the events of express lost: alarms {first}")

# %%
import shutil

shutil.rmtree(place)
