"""``${...}`` among variables and resolvers: forms, circles, bombs, and what is final."""

from __future__ import annotations

import pytest

from confkit import Entry, Origin, SecretError
from confkit.resolution.interpolation import (
    MAX_DEPTH,
    MAX_LENGTH,
    Unresolved,
    Variables,
)


def table(source: str, /, **values: str) -> dict[str, Entry]:
    return {name: Entry(text, Origin("env", f"{source} {name}")) for name, text in values.items()}


class Answers:
    secret = True

    def __init__(self, **answers: str) -> None:
        self.answers = answers

    def resolve(self, reference: str) -> str:
        if reference == "denied":
            raise SecretError("the vault says no")
        return self.answers[reference]


def expand(text: str, *tables: dict[str, Entry], quote: str = "", literal: bool = False) -> str:
    entry = Entry(text, Origin("file", "a.yaml", 1, 1), quote, literal)
    resolvers = {"vault": Answers(db="hunter2", loop="${A} ${vault:db} $$")}
    return Variables(list(tables), resolvers).expand(entry).text


def refused(text: str, *tables: dict[str, Entry]) -> Unresolved:
    with pytest.raises(Unresolved) as caught:
        expand(text, *tables)
    return caught.value


A = table("env", A="a", EMPTY="")


@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        ("plain", "plain"),
        ("${A}", "a"),
        ("x${A}y${A}z", "xayaz"),
        ("${A:-other}", "a"),
        ("${UNSET:-other}", "other"),
        ("${EMPTY:-other}", "other"),
        ("${EMPTY}", ""),
        ("${UNSET:-}", ""),
        ("${UNSET:-${A}}", "a"),
        ("${UNSET:-${OTHER:-${A}}}!", "a!"),
        ("${UNSET:-a:-b}", "a:-b"),
        ("${UNSET:-{x}", "{x"),
        ("${A:?must be set}", "a"),
        ("${A-other}", "a"),
        ("${UNSET-other}", "other"),
        ("${EMPTY-other}", ""),
        ("${EMPTY?must be set}", ""),
        ("${A:+${A}b}", "ab"),
        ("${EMPTY:+x}", ""),
        ("${EMPTY+x}", "x"),
        ("${UNSET+x}", ""),
        ("${UNSET:+${NOWHERE}}", ""),
        ("$$", "$"),
        ("$${A}", "${A}"),
        ("$$${A}", "$a"),
        ("cost 5$", "cost 5$"),
        ("$A", "$A"),
        ("a$ b", "a$ b"),
        ("$(rm -rf /)", "$(rm -rf /)"),
        ("${vault:db}", "hunter2"),
        ("u:${vault:db}@${A}", "u:hunter2@a"),
        ("${UNSET:-${vault:db}}", "hunter2"),
    ],
)
def test_every_form(text, expanded):
    assert expand(text, A) == expanded


def test_single_quotes_and_final_text_leave_names_alone_and_resolve_references():
    """Single quotes are the only form of a reference that other readers of env files keep."""
    for kwargs in ({"quote": "'"}, {"literal": True}):
        assert expand("${A} $$ ${vault:db}", A, **kwargs) == "${A} $$ hunter2"
        assert expand("$${vault:db}", A, **kwargs) == "${vault:db}"
        assert expand("${UNSET", A, **kwargs) == "${UNSET"


def test_what_a_resolver_answers_is_never_expanded_again():
    assert expand("${vault:loop}", A) == "${A} ${vault:db} $$"
    assert expand("${B}", A, table("env", B="${vault:loop}")) == "${A} ${vault:db} $$"


def test_variables_are_expanded_in_turn_unless_their_text_is_final():
    assert expand("${B}", A, table("env", B="<${A}>")) == "<a>"
    final = {"B": Entry("<${A}>", Origin("env", "B"), literal=True)}
    assert expand("${B}", A, final) == "<${A}>"
    quoted = {"B": Entry("<${A}>", Origin("env", "B"), "'")}
    assert expand("${B}", A, quoted) == "<${A}>"


def test_the_highest_table_answers():
    assert expand("${A}", table("low", A="low"), table("high", A="high")) == "high"


def test_a_variable_that_names_itself_means_the_one_in_another_table():
    low, high = table("file", KEY="${KEY}"), table("env", KEY="real")
    assert Variables([low, high], {}).expand(low["KEY"]).text == "real"
    with pytest.raises(Unresolved, match="the variable KEY is not set"):
        Variables([low], {}).expand(low["KEY"])


def test_what_was_used_is_on_record_with_the_origin_that_answered():
    entry = Entry("${A}${U:-x}${vault:db}", Origin("file", "a.yaml"))
    made = Variables([A], {"vault": Answers(db="hunter2")}).expand(entry)
    assert [(u.expression, str(u.origin)) for u in made.used] == [
        ("${A}", "env env A"),
        ("${U:-...}", "None"),
        ("${vault:db}", "None"),
    ]
    assert made.secret


def test_a_secret_taints_what_is_built_from_it_through_variables_too():
    tables = [table("env", P="${vault:db}", Q="${P}")]
    entry = Entry("x${Q}", Origin("file", "a.yaml"))
    assert Variables(tables, {"vault": Answers(db="hunter2")}).expand(entry).secret
    harmless = Variables([A], {}).expand(Entry("${A}", Origin("file", "a.yaml")))
    assert not harmless.secret


@pytest.mark.parametrize(
    ("text", "message", "code"),
    [
        ("${UNSET}", "the variable UNSET is not set", "unset-variable"),
        ("${UNSET:?say when}", "UNSET: say when", "unset-variable"),
        ("${EMPTY:?}", "EMPTY: is not set", "unset-variable"),
        ("${A", "a ${ is not closed", "interpolation"),
        ("${}", "no form of a variable", "interpolation"),
        ("${A=x}", "no form of a variable", "interpolation"),
        ("${UNSET?say when}", "UNSET: say when", "unset-variable"),
        ("${A B}", "no form of a variable", "interpolation"),
        ("${1A}", "no form of a variable", "interpolation"),
        ("${valt:db}", "nothing answers ${valt:...}", "unknown-scheme"),
        ("${vault:other}", "${vault:other}: there is no answer", "secret-not-found"),
        ("${vault:denied}", "the vault says no", "unresolved-reference"),
    ],
)
def test_what_has_no_answer_is_named(text, message, code):
    error = refused(text, A)
    assert message in error.message
    assert error.code == code


def test_a_broken_expression_is_not_quoted_since_it_may_be_a_password():
    assert "ssw" not in str(refused("pa${ssw ord}"))


def test_circles_are_found_and_named():
    tables = table("env", A="${B}", B="${C}", C="${A}")
    error = Variables([tables], {})
    with pytest.raises(Unresolved, match="circle") as caught:
        error.expand(tables["A"])
    assert "${A} -> ${B} -> ${C} -> ${A}" in caught.value.message
    assert caught.value.code == "cycle"
    assert refused("${B}", tables).code == "cycle"


def test_two_tables_that_swap_two_names_are_no_circle():
    low = table("low", A="${B}", B="low b")
    assert expand("${A}", low, table("high", B="${C}", C="c")) == "c"


DOUBLING = {f"A{i}": f"${{A{i - 1}}}${{A{i - 1}}}" for i in range(1, 23)}


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("${A22}", {"A0": "x", **DOUBLING}),
        ("${A18}", {"A0": "", **DOUBLING}),
        ("${A15}", {"A0": "x" * 9, **DOUBLING}),
        ("${C}", {"A": "", "B": "${A}" * 2000, "C": "${B}" * 2000}),
        ("${B}", {"A": "x" * 1000, "B": "${A}" * 100}),
        ("${" * 10_000, {}),
        ("${A:-" * 4_000 + "}" * 4_000, {}),
        ("${X:-" * (MAX_DEPTH + 1) + "}" * (MAX_DEPTH + 1), {}),
        ("$$" * (MAX_LENGTH + 1), {}),
    ],
    ids=["deep", "empty", "long", "wide", "lines", "open", "nested", "too nested", "dollars"],
)
def test_bombs_are_refused(text, variables):
    assert refused(text, table("env", **variables)).code in {"too-large", "interpolation"}


def test_long_chains_within_the_limit_are_fine():
    names = {f"A{i}": f"${{A{i - 1}}}" for i in range(1, MAX_DEPTH)}
    assert expand(f"${{A{MAX_DEPTH - 1}}}", table("env", A0="end", **names)) == "end"
    assert expand("${A}" * 5_000, A) == "a" * 5_000


@pytest.mark.parametrize("kwargs", [{}, {"quote": "'"}, {"literal": True}])
def test_env_is_a_variable_in_places_without_names(kwargs):
    assert expand("<${env:A}>", A, **kwargs) == "<a>"
    assert expand("<${env:B}>", A, table("env", B="${A}${vault:db}"), **kwargs) == "<ahunter2>"
    with pytest.raises(Unresolved, match="the variable UNSET is not set"):
        expand("${env:UNSET}", A, **kwargs)
    circle = table("env", B="${env:C}", C="${env:B}")
    with pytest.raises(Unresolved, match="circle"):
        expand("${env:B}", circle, **kwargs)


def test_env_keeps_the_taint_of_what_the_variable_holds():
    tables = [table("env", P="${vault:db}")]
    entry = Entry("x${env:P}", Origin("file", "a.yaml"))
    assert Variables(tables, {"vault": Answers(db="hunter2")}).expand(entry).secret


def test_an_encrypted_value_is_a_reference_spelled_for_env_files():
    asked = []

    def decrypt(token: str) -> str:
        asked.append(token)
        return "hunter2"

    for kwargs in ({}, {"quote": "'"}, {"literal": True}):
        entry = Entry("enc:gAAAAAtoken==", Origin("file", ".env"), **kwargs)
        made = Variables([], {"fernet": decrypt}).expand(entry)
        assert (made.text, made.secret) == ("hunter2", True)
    assert asked == ["gAAAAAtoken=="] * 3
    for text in ("enc:other", "x enc:gAAAAAtoken"):
        assert (
            Variables([], {"fernet": decrypt}).expand(Entry(text, Origin("file", "a"))).text == text
        )


def test_bytes_are_base64_and_the_whole_value():
    def answer(reference: str) -> bytes:
        return b"\xff\x00"

    tables = [table("env", P="${vault:db}")]
    for text in ("${vault:db}", "${P}", "${env:P}"):
        entry = Entry(text, Origin("file", "a.yaml"))
        assert Variables(tables, {"vault": answer}).expand(entry).text == "/wA="
    for text in ("x${vault:db}", "${P} ", "${vault:db}${vault:db}"):
        entry = Entry(text, Origin("file", "a.yaml"))
        with pytest.raises(Unresolved, match="bytes inside a longer text"):
            Variables(tables, {"vault": answer}).expand(entry)


def test_a_resolver_may_read_variables_and_not_the_one_that_asks_for_it():
    class Reader:
        secret = True

        def __init__(self, look_up=None):
            self.look_up = look_up

        def with_variables(self, look_up):
            return Reader(look_up)

        def resolve(self, reference):
            return f"[{self.look_up(reference)}]"

    tables = [table("env", A="a", B="${A}b", LOOP="${reader:LOOP}", BAD="${UNSET}")]

    def read(text: str) -> str:
        entry = Entry(text, Origin("file", "a.yaml"))
        return Variables(tables, {"reader": Reader()}).expand(entry).text

    assert read("${reader:B}") == "[ab]"
    assert read("${reader:NOWHERE}") == "[None]"
    for name, message in (("LOOP", "leads to itself"), ("BAD", "the variable UNSET is not set")):
        with pytest.raises(Unresolved, match=message):
            read(f"${{reader:{name}}}")


@pytest.mark.parametrize("kwargs", [{"quote": "'"}, {"literal": True}])
@pytest.mark.parametrize(
    "text",
    [
        "${rollout:100%:${NEW}|old}", "${vault:${NAME}}", "a${vault:{x}}", "${vault:db", "${vault:",
        "${vault:db}${vault:${A}", "x${env:{A}}",
    ],
)  # fmt: skip
def test_a_reference_with_braces_inside_is_no_text_where_nothing_is_expanded(text, kwargs):
    entry = Entry(text, Origin("env", "X"), **kwargs)
    with pytest.raises(Unresolved, match="not closed, or has braces inside") as caught:
        Variables([table("env", NEW="n", NAME="db", A="a")], {"vault": Answers(db="x")}).expand(
            entry
        )
    assert caught.value.code == "interpolation"
    assert "$${" in caught.value.hint
    for kept in ("${debian_chroot:+($x)}", "${X:-${Y}}", "${X", "${:x", "$ {a:b", "{a:b}"):
        assert Variables([], {}).expand(Entry(kept, Origin("env", "X"), **kwargs)).text == kept
    for kept in ("${vault:{x}", "a${vault:db"):
        entry = Entry(kept.replace("$", "$$"), Origin("env", "X"), **kwargs)
        assert Variables([], {}).expand(entry).text == kept
