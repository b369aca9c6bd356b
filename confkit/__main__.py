"""``python -m confkit`` and the ``confkit`` command."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line tool, or say which extra it needs."""
    from confkit.cli import main as run

    sys.exit(run())


if __name__ == "__main__":
    main()
