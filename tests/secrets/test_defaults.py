"""The resolvers that every load has."""

from __future__ import annotations

import sys

from confkit.secrets.defaults import default_resolvers


def test_the_schemes_are_those_of_the_documentation():
    assert set(default_resolvers()) == {"aws", "ssm", "fernet", "file", "file64"}


def test_making_them_connects_to_nothing_and_imports_no_library(tmp_path):
    before = set(sys.modules)
    made = default_resolvers(tmp_path)
    assert all(made.values())
    assert not {"boto3", "botocore"} & (set(sys.modules) - before)
