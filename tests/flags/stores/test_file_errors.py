"""Errors of the system as errors of a store, by what a program can do about them."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from confkit import errors
from confkit.flags.stores.file_errors import typed


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.ENOSPC, errors.StoreFull),
        (errno.EDQUOT, errors.StoreFull),
        (errno.EACCES, errors.StoreDenied),
        (errno.EPERM, errors.StoreDenied),
        (errno.EROFS, errors.StoreReadOnly),
        (errno.EIO, errors.StoreError),
        (None, errors.StoreError),
    ],
)
def test_the_kind_is_that_of_the_system_and_the_file_is_named(number, kind):
    fault = OSError("odd") if number is None else OSError(number, os.strerror(number))
    with (
        pytest.raises(errors.StoreError, match=r"flags\.yaml") as caught,
        typed(Path("flags.yaml")),
    ):
        raise fault
    assert type(caught.value) is kind


def test_other_errors_pass():
    with pytest.raises(ZeroDivisionError), typed(Path("a")):
        raise ZeroDivisionError
