"""Every kind of finding: its code, its meaning, whether it fails a run, whether it can be fixed."""

from __future__ import annotations

from typing import Literal, NamedTuple

Level = Literal["error", "warning"]


class Code(NamedTuple):
    """One kind of finding. An error fails a run, a warning only a strict one."""

    summary: str
    level: Level = "error"
    fixable: bool = False
    default: bool = True


#: Every code, in the order of the documentation. The first thirteen are known from dotenv-linter.
CODES: dict[str, Code] = {
    "DuplicatedKey": Code("the name is set twice; the last one wins", fixable=True),
    "EndingBlankLine": Code("the last line has no line end", "warning", fixable=True),
    "ExtraBlankLine": Code("more than one blank line in a row", "warning", fixable=True),
    "IncorrectDelimiter": Code("a character in the name that most readers refuse", "warning"),
    "KeyWithoutValue": Code("a name without '=' is not set", "warning"),
    "LeadingCharacter": Code(
        "the name does not start the line with a letter or _", "warning", fixable=True
    ),
    "LowercaseKey": Code("the name is not in upper case", "warning"),
    "QuoteCharacter": Code(
        "quotes of another style than `quotes` asks for", "warning", fixable=True
    ),
    "SpaceCharacter": Code("a blank beside '='", "warning", fixable=True),
    "SubstitutionKey": Code("a ${ that is not closed, or holds no name"),
    "TrailingWhitespace": Code("blanks at the end of the line", "warning", fixable=True),
    "UnorderedKey": Code(
        "names that are not sorted in their group", "warning", fixable=True, default=False
    ),
    "ValueWithoutQuotes": Code("a blank in a value without quotes", "warning", fixable=True),
    "UnreadableLine": Code("the line cannot be read, and is left out"),
    "UnreadableFile": Code("the file cannot be read"),
    "UnknownCode": Code("an ignore comment names a code that does not exist"),
    "NotPortable": Code("common readers read the value differently", "warning", fixable=True),
    "CommandSubstitution": Code("a command that some readers execute"),
    "DangerousKey": Code("a name that changes how programs are started"),
    "UnknownName": Code("no setting has this name"),
    "MissingRequired": Code("a setting without a default that nothing sets"),
    "WrongType": Code("the value does not fit the type of the setting"),
    "RuleViolation": Code("the value breaks a rule of the setting"),
    "UnusableVariable": Code("the variable is set and has no effect"),
    "UnsetReference": Code("a ${NAME} that nothing sets; only in a strict run"),
    "ClearTextSecret": Code("a secret in clear text where a reference is expected"),
    "RealLookingSecret": Code("text that looks like a real credential"),
    "ReadableByOthers": Code("a file with secrets that other users can read", "warning"),
    "TrackedByGit": Code("a file with secrets in clear text that git tracks"),
    "DifferentKeys": Code("names that other files of the run set", "warning"),
    "DifferingTypes": Code("the value is of another kind than in another file", "warning"),
}

#: The codes that are known from dotenv-linter, which its own comments switch.
DOTENV_LINTER = tuple(CODES)[:13]

#: Words that stand for several codes where codes are selected or ignored.
GROUPS: dict[str, tuple[str, ...]] = {
    "ALL": tuple(CODES),
    "SchemaViolation": (
        "UnknownName",
        "MissingRequired",
        "WrongType",
        "RuleViolation",
        "UnusableVariable",
    ),
}
