"""dotenv-linter's checks, its known faults among the cases that must stay silent."""

from __future__ import annotations

import pytest

from confkit.envcheck import syntax
from confkit.envcheck.checking import Checks
from confkit.envcheck.codes import CODES
from confkit.envcheck.envfile import EnvFile
from confkit.envcheck.options import Options

FOUND = [
    ("A=1\nB=2\nA=3\n", "DuplicatedKey", 3, 1),
    ("A=1", "EndingBlankLine", 1, 4),
    ("A='x\ny'", "EndingBlankLine", 2, 3),
    ("A=1\n\n\nB=2\n", "ExtraBlankLine", 3, 1),
    ("A=1\n \n\t\nB=2\n", "ExtraBlankLine", 3, 1),
    ("A=1\r\n\r\n\r\nB=2\r\n", "ExtraBlankLine", 3, 1),
    ("A-B=1\n", "IncorrectDelimiter", 1, 2),
    ("A.B=1\n", "IncorrectDelimiter", 1, 2),
    ("A:1\n", "UnreadableLine", 1, 2),
    ("A\u0410=1\n", "IncorrectDelimiter", 1, 2),  # a Cyrillic letter
    ("A\n", "KeyWithoutValue", 1, 1),
    ("export A\n", "KeyWithoutValue", 1, 8),
    (" A=1\n", "LeadingCharacter", 1, 1),
    ("\tA=1\n", "LeadingCharacter", 1, 1),
    ("1A=1\n", "LeadingCharacter", 1, 1),
    ("Ä=1\n", "LeadingCharacter", 1, 1),
    ("'A'=1\n", "LeadingCharacter", 1, 1),
    ("a=1\n", "LowercaseKey", 1, 1),
    ("A='x'\n", "QuoteCharacter", 1, 3),
    ('A="http://x/"\n', "QuoteCharacter", 1, 3),
    ("A = 1\n", "SpaceCharacter", 1, 2),
    ("A =1\n", "SpaceCharacter", 1, 2),
    ("A= 1\n", "SpaceCharacter", 1, 2),
    ("A =\n", "SpaceCharacter", 1, 2),
    ("A = 'x=y'\n", "SpaceCharacter", 1, 2),
    ("A=${B\n", "SubstitutionKey", 1, 3),
    ('A="${B"\n', "SubstitutionKey", 1, 3),
    ("A=$B}\n", "SubstitutionKey", 1, 3),
    ("A=${B=C}\n", "SubstitutionKey", 1, 3),
    ("A=${}\n", "SubstitutionKey", 1, 3),
    ("A=${X:-${Y}\n", "SubstitutionKey", 1, 3),
    ("A=1 \n", "TrailingWhitespace", 1, 4),
    ("A=1\t\n", "TrailingWhitespace", 1, 4),
    ("A= \n", "TrailingWhitespace", 1, 3),
    ("# c \nA=1\n", "TrailingWhitespace", 1, 4),
    ("A='x y' \n", "TrailingWhitespace", 1, 8),
    ("A=x y\n", "ValueWithoutQuotes", 1, 3),
    ('A={"x": 1}\n', "ValueWithoutQuotes", 1, 3),
    ("A B=1\n", "UnreadableLine", 1, 3),
    ("A='x\n", "UnreadableLine", 1, 3),
    ("A: 1\n", "UnreadableLine", 1, 2),
    ("A=$(date)\n", "CommandSubstitution", 1, 3),
    ("A=`date`\n", "CommandSubstitution", 1, 3),
    ('A="x $(date)"\n', "CommandSubstitution", 1, 3),
    ("PATH=/x\n", "DangerousKey", 1, 1),
    ("export LD_PRELOAD=x.so\n", "DangerousKey", 1, 8),
]


@pytest.mark.parametrize(("text", "code", "line", "column"), FOUND)
def test_finds(text, code, line, column, found):
    assert (code, line, column) in found(text)


@pytest.mark.parametrize("text", sorted({row[0] for row in FOUND}))
def test_only_what_is_called_fixable_has_a_mend(text):
    checks = Checks(Options(codes=frozenset(CODES)), environ={})
    assert all(f.edit is None or CODES[f.code].fixable for f in checks.of(EnvFile(".env", text)))


SILENT = [
    ("A=x # a comment with blanks\n", "ValueWithoutQuotes"),
    ("A='{\"x\": 1}'\n", "QuoteCharacter ValueWithoutQuotes"),
    ("A='{\"x\":1}'\n", "QuoteCharacter"),
    ('A="x\ny=1\nz = 2\n"\nB=1\n', "SpaceCharacter KeyWithoutValue DuplicatedKey LowercaseKey"),
    ('A="x\nA=1\n"\n', "DuplicatedKey LowercaseKey LeadingCharacter"),
    ('A="x \n\n\n y"\n', "TrailingWhitespace ExtraBlankLine LeadingCharacter"),
    ("A='-----BEGIN=\na b\n-----END'\n", "SpaceCharacter LowercaseKey"),
    ("A= # c\n", "SpaceCharacter"),
    ("A=\n", "KeyWithoutValue SpaceCharacter QuoteCharacter"),
    ('A=""\n', "QuoteCharacter"),
    ("A='null'\n", "QuoteCharacter"),
    ("A='a=b'\n", "QuoteCharacter"),
    ("A='x#y'\n", "QuoteCharacter"),
    ("A='say \"hi\"'\n", "QuoteCharacter"),
    ("A='${B'\nC='$B}'\n", "SubstitutionKey"),
    ("A=${B}\nC=${B:-d}\nD=${E:?why}\nF=${X:-${Y:-z}}\n", "SubstitutionKey"),
    ("A='${aws:db#password}'\n", "SubstitutionKey QuoteCharacter"),
    ('A={"x":{"y":1}}\n', "SubstitutionKey"),
    ("A=$$x}\n", "SubstitutionKey"),
    ("A='$(date)'\n", "CommandSubstitution"),
    ('A="\\$(date)"\n', "CommandSubstitution"),
    ("_A1=1\n", "LeadingCharacter IncorrectDelimiter LowercaseKey"),
    ("export A=1\n", "LeadingCharacter"),
    ("A=1\n\nB=2\n", "ExtraBlankLine"),
    ("", "EndingBlankLine"),
    ("# c\n", "EndingBlankLine"),
    ("MY_PATH=/x\n", "DangerousKey"),
]


@pytest.mark.parametrize(("text", "codes"), SILENT)
def test_stays_silent(text, codes, found):
    assert found(text, only=codes) == []


def test_a_clean_file_is_clean(found):
    text = "# Database\nDATABASE_URL=sqlite:///app.db\nPOOL='a b' # c\n\nexport EMPTY=\n"
    assert found(text) == []


def test_the_code_point_of_a_letter_that_looks_like_ours_is_named():
    (finding,) = syntax.check(EnvFile(".env", "A\u0410=1\n"))
    assert finding.message == "the name holds U+0410; common readers refuse it"


def test_no_message_shows_a_value_or_what_may_be_one():
    key = "MIIEvAIBADANBgkqhkiG9w0BAQEFAASCBKYwggSiAgEAAoIBAQC7VJTUt9Us8cKj"
    text = (
        f"K=\"-----BEGIN PRIVATE KEY-----\n{key}\n{key}=\n{key}==x\nA=hunter2 x\nB='hunter2'\n"
        "C: hunter2\nD='hunter2'x\nE=${hunter2-x}\nF=$(hunter2)\nG=hunter2\nG=hunter2\n"
    )
    messages = " ".join(f.message for f in syntax.check(EnvFile(".env", text)))
    assert "hunter2" not in messages
    assert key not in messages
    assert "a name that is not shown" in messages
