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
# # See a rollout before you make it
#
# Move the percentage and see who enters and who leaves. Nothing here changes a flag unless you
# confirm it. Give `rollout_explorer` your own flags (`"redis://…"`, `"file:flags.yaml"`, a `Flags`
# client) and your own users (`population="users.parquet"`, a data frame, a query).

# %%
from confkit.widgets import rollout_explorer

rollout_explorer()
