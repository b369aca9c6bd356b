"""How the flag commands report: changes, refused rules and errors, for people and machines."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from confkit.cli.output import OK, PROBLEMS, echo, line, print_json
from confkit.errors import ConfkitError, InvalidFlag
from confkit.flags.rules.summary import difference
from confkit.flags.stores.port import Revision


def reporting(command: Callable[..., int]) -> Callable[..., int]:
    """Report our errors as JSON where JSON is wanted, and refused rules line by line."""

    @wraps(command)
    def run(*, as_json: bool, **options: Any) -> int:
        try:
            return command(as_json=as_json, **options)
        except InvalidFlag as error:
            if as_json:
                print_json({"flag": error.name, "problems": [p.as_dict() for p in error.problems]})
            else:
                echo(f"Error: flag {error.name!r}:", err=True)
                for problem in error.problems:
                    echo(f"  {problem}", err=True)
        except ConfkitError as error:
            if not as_json:
                raise
            print_json({"error": type(error).__name__, "message": str(error)})
        return PROBLEMS

    return run


def print_change(change: Revision, as_json: bool) -> int:
    """Report a change that was made."""
    if as_json:
        print_json(change.as_dict())
    else:
        what = difference(change.old, change.new)
        echo(line(f"{change.name} is at revision {change.revision}: {what}"))
    return OK
