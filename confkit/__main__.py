"""``python -m confkit`` and the ``confkit`` command."""

from __future__ import annotations

import sys

from confkit.errors import MissingExtra


def main() -> None:
    """Run the command line tool, or say which extra it needs."""
    try:
        from confkit.cli import main as run
    except MissingExtra as error:
        sys.exit(f"Error: {error}")
    sys.exit(run())


if __name__ == "__main__":
    main()
