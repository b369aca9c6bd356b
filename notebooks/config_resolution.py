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
# # See where a setting comes from
#
# Which layer sets each key, what it overrules, and what is wrong. Secrets are never shown. Give
# `config_resolution` your own `Config`, a `Resolution`, or `"package.module:Class"`.

# %%
from confkit.widgets import config_resolution

config_resolution()
