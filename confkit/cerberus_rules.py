"""The only importer of Cerberus: validators of configuration rules, and of the fields of a flag.

Cerberus takes a tenth of a second to import, so it is imported at the first rule that needs it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from confkit.errors import SchemaError


class Broken(NamedTuple):
    """One broken rule: the place in the document, the rule, its operand, and a checker's words."""

    path: tuple[str | int, ...]
    rule: str
    operand: Any
    words: str


def validator(rules: Mapping[str, Any]) -> Any:
    """A Cerberus validator for a document; further keys in the document are let through.

    :raises SchemaError: for rules that Cerberus does not take.
    """
    import cerberus

    try:
        return _strict()(dict(rules), allow_unknown=True)
    except cerberus.SchemaError as error:
        raise SchemaError(f"rules that Cerberus does not take: {error}") from None


def flag_validator(schema: Mapping[str, Any]) -> Any:
    """A validator for the rule of a flag, which may be a mapping of a store's own kind."""
    import cerberus

    mapping = cerberus.TypeDefinition("mapping", (Mapping,), ())
    types = {**cerberus.Validator.types_mapping, "mapping": mapping}
    made = type("RuleValidator", (cerberus.Validator,), {"types_mapping": types})
    return made(schema)


def broken(judge: Any, document: Mapping[str, Any]) -> list[Broken]:
    """Every rule of the validator ``judge`` that a document breaks."""
    if judge.validate(document, normalize=False):
        return []
    return [_broken(error) for error in _single(judge._errors)]  # noqa: SLF001 - structured errors


def _broken(error: Any) -> Broken:
    # What a check_with function reports comes as an error without a rule.
    rule = str(error.rule or "check_with")
    words = str(error.info[0]) if rule == "check_with" and error.info else ""
    return Broken(tuple(error.document_path), rule, error.constraint, words)


def _single(errors: Any) -> Iterator[Any]:
    for error in errors:
        # The errors inside a collection, not those inside the alternatives of an *of rule.
        if error.child_errors and error.is_group_error and not error.is_logic_error:
            yield from _single(error.child_errors)
        else:
            yield error


@cache
def _strict() -> Any:
    """Cerberus, but a rule that cannot judge a value is broken: it passes such values over."""
    import cerberus
    from cerberus import errors

    def bound(name: str, error: Any) -> Callable[..., None]:
        inherited = getattr(cerberus.Validator, f"_validate_{name}")

        def check(self: Any, operand: Any, field: Any, value: Any) -> None:
            try:
                _ = value < operand
            except TypeError:
                self._error(field, error)
            else:
                inherited(self, operand, field, value)

        check.__doc__ = inherited.__doc__
        return check

    def sized(name: str, error: Any) -> Callable[..., None]:
        inherited = getattr(cerberus.Validator, f"_validate_{name}")

        def check(self: Any, operand: Any, field: Any, value: Any) -> None:
            if hasattr(value, "__len__"):
                inherited(self, operand, field, value)
            else:
                self._error(field, error)

        check.__doc__ = inherited.__doc__
        return check

    def pattern(self: Any, operand: Any, field: Any, value: Any) -> None:
        if isinstance(value, str):
            cerberus.Validator._validate_regex(self, operand, field, value)  # noqa: SLF001
        else:
            self._error(field, errors.REGEX_MISMATCH)

    pattern.__doc__ = cerberus.Validator._validate_regex.__doc__  # noqa: SLF001 - the rule's schema
    rules = {
        "_validate_min": bound("min", errors.MIN_VALUE),
        "_validate_max": bound("max", errors.MAX_VALUE),
        "_validate_minlength": sized("minlength", errors.MIN_LENGTH),
        "_validate_maxlength": sized("maxlength", errors.MAX_LENGTH),
        "_validate_regex": pattern,
    }
    return type("StrictValidator", (cerberus.Validator,), rules)
