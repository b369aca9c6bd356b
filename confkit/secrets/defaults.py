"""The resolvers that every load has."""

from __future__ import annotations

import os

from confkit.secrets.aws import AwsResolver
from confkit.secrets.fernet import FernetResolver
from confkit.secrets.files import FileResolver


def default_resolvers(
    root: str | os.PathLike[str] | None = None,
) -> dict[str, AwsResolver | FernetResolver | FileResolver]:
    """Resolvers by scheme: ``aws``, ``ssm``, ``fernet``, ``file`` and ``file64``.

    None of them connects or reads anything before it is asked. ``${env:NAME}`` is answered by the
    load itself. ``root`` is what paths of files are relative to.
    """
    return {
        "aws": AwsResolver(),
        "ssm": AwsResolver(service="ssm"),
        "fernet": FernetResolver(),
        "file": FileResolver(root),
        "file64": FileResolver(root, binary=True),
    }
