"""The bounded reader: the same nodes, codes and places from both parsers, and no text gets around.

Which libyaml PyYAML brings differs by its version; its own limits must not show.
"""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
from contextlib import suppress

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from confkit import yaml_events as subject
from confkit.yaml_events import (
    MAX_LENGTH,
    MAX_NODES,
    AliasNode,
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    YamlFault,
    read_mapping,
)

PARSERS = {"python": yaml.SafeLoader}
if hasattr(yaml, "CSafeLoader"):
    PARSERS["libyaml"] = yaml.CSafeLoader


@pytest.fixture(params=PARSERS)
def parser(request, monkeypatch):
    monkeypatch.setattr(subject, "_Loader", PARSERS[request.param])


def fault(text: str, *, plain: bool = False) -> tuple[str, str]:
    with pytest.raises(YamlFault) as caught:
        read_mapping(text, plain=plain)
    return caught.value.code, f"{caught.value.line}:{caught.value.column}"


def shape(node: Node) -> object:
    """A node with all places, to compare two reads by."""
    start = (node.start.index, node.start.line, node.start.column)
    if isinstance(node, ScalarNode):
        return (start, node.value, node.quote)
    if isinstance(node, AliasNode):
        return (start, node.name, shape(node.target))
    if isinstance(node, SequenceNode):
        inside = [shape(item) for item in node.items]
    else:
        inside = [(shape(key), shape(value)) for key, value in node.pairs]
    return (start, node.flow, type(node), node.size, node.height, inside)


def outcome(text: str) -> object:
    try:
        document = read_mapping(text)
    except YamlFault as error:
        return error.code
    if document is None:
        return None
    return shape(document.root), [(f.code, f.line, f.column) for f in document.faults]


def mapping(text: str) -> MappingNode:
    document = read_mapping(text)
    assert document is not None
    return document.root


def test_a_node_knows_where_it_starts_and_ends(parser):
    text = 'a: "x"\nlist:\n- {b: 1}\n- é2\n# end\nc: 3\n'
    root = mapping(text)
    (_, quoted), (_, listed), (last, _) = root.pairs
    assert text[quoted.start.index : quoted.end.index] == '"x"'
    first, second = listed.items
    assert text[first.start.index : first.end.index] == "{b: 1}"
    assert (first.flow, listed.flow, root.flow) == (True, False, False)
    assert text[second.start.index : second.end.index] == "é2"
    assert listed.end.line == last.start.line == 5
    assert (root.end.line, root.end.column) == (6, 0)


@pytest.mark.parametrize(
    ("text", "value", "quote"),
    [
        ("x", "x", ""),
        ("~", "~", ""),
        ("", "", ""),
        ("'~'", "~", "'"),
        ('"x"', "x", '"'),
        ("|\n  x", "x", "|"),
        (">\n  x", "x", "|"),
        ("!!str 5", "5", '"'),
        ("! 5", "5", '"'),
        ("!!int 5", "5", ""),
    ],
)
def test_a_value_is_kept_as_it_is_written(parser, text, value, quote):
    ((_, node),) = mapping(f"a: {text}").pairs
    assert (node.value, node.quote) == (value, quote)


def test_size_and_height_count_what_aliases_stand_for(parser):
    root = mapping("a: &a [[x, y], z]\nb: *a\nc: {d: *a, e: 1}\n")
    a, b, c = (value for _, value in root.pairs)
    assert (a.size, a.height) == (5, 2)
    assert b.target is a
    assert (c.size, c.height) == (7, 3)
    assert (root.size, root.height) == (1 + 5 + 5 + 7, 4)


@pytest.mark.parametrize("text", ["", "\n", "# only a remark\n", "~", "--- null\n"])
def test_a_text_without_a_mapping_to_read_is_none(parser, text):
    assert read_mapping(text) is None


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("a: 1\nb: 2\na: 3\nb: 4\n", [("duplicate-key", "3:1"), ("duplicate-key", "4:1")]),
        ("a: {x: 1, x: 2}", [("duplicate-key", "1:11")]),
        ("? [a, b]\n: c\n?\n: 1\n'': 1", [("key", "1:3"), ("key", "3:2")]),
        ("{a: 1}: c", [("key", "1:1")]),
        ("x: &x [a]\n? *x\n: 1", [("key", "2:3")]),
        ("x: &x y\ny: 1\n*x : 2", [("duplicate-key", "3:1")]),
    ],
)
def test_faults_of_keys_come_all_at_once(parser, text, faults):
    document = read_mapping(text)
    assert [(f.code, f"{f.line}:{f.column}") for f in document.faults] == faults


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("- a\n- b", "not-a-mapping", "1:1"),
        ("\n'null'", "not-a-mapping", "2:1"),
        ("a: b: c", "yaml", "1:5"),
        ("abc\n  def: 1", "yaml", "2:6"),
        ("a: [1, 2", "yaml", None),
        ('a: "x', "yaml", None),
        ("a:\n\t- b", "yaml", "2:1"),
        ("a: 1\nb: \x07", "yaml", "2:4"),
        ("ü😀: 1\nb: \x1b", "yaml", "2:4"),
        ("a: 1\nb: \ud800", "yaml", "2:4"),
        ('a: "\\ud800"', "yaml", None),
        ('a: "\\UFFFFFFFF"', "yaml", "1:7"),
        ("%YAML 9.9\n---\na: 1", "yaml", None),
        ("a: 1\n---\nb: 2", "yaml", "2:1"),
        ("a: *b", "yaml", "1:4"),
        ("a: &a [*a]", "yaml", "1:8"),
        ("a: &a {b: *a}", "yaml", "1:11"),
        ("a: !!python/object/apply:os.system [x]", "tag", "1:4"),
        ("a: !custom x", "tag", "1:4"),
        ("!!set {a}", "tag", "1:1"),
        ("a: 1\n? " + "x" * 2000 + "\n: [" + "[" * 200, "too-deep", "3:102"),
    ],
)
def test_what_stops_the_reading_has_a_code_and_a_place(parser, text, code, place):
    found, at = fault(text)
    assert found == code
    assert place is None or at == place


DEEP = {
    "open": ("[" * 30_000, "1:101"),
    "closed": ("[" * 30_000 + "]" * 30_000, "1:101"),
    "just too deep": ("a: " + "[" * 100 + "]" * 100, "1:103"),
    "beyond the look-ahead": ("a: 1\nb: " + "[" * 990 + "x" * 2000, "2:103"),
    "beyond the limit of libyaml": ("a: 1\nb: " + "[" * 1_100 + "]" * 1_100, "2:103"),
    "flow mappings": ("{a: " * 10_000 + "}" * 10_000, "1:401"),
    "keys in brackets": ("{" * 2_000, "1:101"),
    "blocks": ("".join(" " * i + "a:\n" for i in range(2_000)), "101:101"),
    "keys": ("? " * 30_000, "1:201"),
    "dashes": ("- " * 30_000, "1:201"),
    "through aliases": (
        "a: &a " + "[" * 60 + "]" * 60 + "\nb: " + "[" * 40 + "*a" + "]" * 40,
        "2:44",
    ),
}


@pytest.mark.parametrize("name", DEEP)
def test_what_is_nested_too_deep_is_refused_where_it_is(parser, name):
    text, place = DEEP[name]
    assert fault(text) == ("too-deep", place)
    if name != "through aliases":
        assert fault(text, plain=True) == ("too-deep", place)


def test_a_hundred_levels_are_fine(parser):
    assert mapping("a: " + "[" * 99 + "]" * 99).height == 100


def test_what_is_wrong_before_it_is_nested_too_deep_is_wrong_first(parser):
    """libyaml 0.2.6 refuses the nesting before it gives the events of what lies before."""
    assert fault("a: [}" + "[" * 2_000) == ("yaml", "1:5")
    assert fault("a: [!tag x, " + "[" * 2_000) == ("tag", "1:5")


BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 8)
)
MERGES = "a0: &a0 {k: v}\n" + "".join(
    f"a{i}: &a{i} {{<<: [{', '.join([f'*a{i - 1}'] * 9)}]}}\n" for i in range(1, 9)
)
MAPPINGS = "a0: &a0 {a: x, b: x, c: x, d: x}\n" + "".join(
    f"a{i}: &a{i} {{" + ", ".join(f"{k}: *a{i - 1}" for k in "abcdefghi") + "}\n"
    for i in range(1, 8)
)


@pytest.mark.parametrize("text", [BOMB, MERGES, MAPPINGS], ids=["aliases", "merges", "mappings"])
def test_bombs_are_refused_while_they_are_read(parser, text):
    """350 bytes that write out to 43 million values."""
    assert len(text) < 1000
    tracemalloc.start()
    try:
        code, _ = fault(text)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert code == "too-large"
    assert most < 10_000_000


def test_as_many_values_as_the_limit_are_fine(parser, monkeypatch):
    assert MAX_NODES == 100_000
    monkeypatch.setattr(subject, "MAX_NODES", 1_000)
    text = "".join(f"k{i}: 1\n" for i in range(999))
    assert mapping(text).size == 1_000
    assert fault(text + "one: more\n") == ("too-large", "1000:6")


def test_a_text_has_a_length():
    assert fault(" " * (MAX_LENGTH + 1)) == ("too-large", "1:1")


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("a: !!str x", "tag", "1:4"),
        ("!!str a: x", "tag", "1:1"),
        ("a: &x true", "yaml", "1:4"),
        ("a: &x {}", "yaml", "1:4"),
        ("&a a: true", "yaml", "1:1"),
        ("a: *x", "yaml", "1:4"),
    ],
)
def test_plain_takes_no_tags_anchors_and_aliases(parser, text, code, place):
    assert fault(text, plain=True) == (code, place)


def test_the_parsers_words_never_quote_the_text(parser):
    for text in (
        "password: hunter2: x",
        "password: 'hunter2",
        "password: [hunter2",
        "p: hunter2\n\tx: y",
        "password: &hunter2 *hunter3 x",
        "%hunter2\n---\n- : -\n  hunter2: [",
    ):
        with pytest.raises(YamlFault) as caught:
            read_mapping(text)
        assert "hunter2" not in f"{caught.value.message} {caught.value.hint}"


def test_a_tab_that_indents_is_named(parser):
    for text in ("a:\n\t- b", "a:\n\tb: 1"):
        with pytest.raises(YamlFault) as caught:
            read_mapping(text)
        assert caught.value.hint == "indent with spaces, not with tabs"


CRASHES = {
    "open": "'[' * 30_000",
    "closed": "'[' * 30_000 + ']' * 30_000",
    "keys": "'? ' * 30_000",
    "dashes": "'- ' * 30_000",
}


@pytest.mark.parametrize("text", CRASHES.values(), ids=CRASHES)
def test_what_crashes_an_interpreter_elsewhere_is_an_error_here(text):
    code = (
        "from confkit.yaml_events import YamlFault, read_mapping\n"
        f"try: read_mapping({text})\n"
        "except YamlFault as error: print(error.code)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "too-deep\n"), done.stderr


TEXTS = st.text(alphabet=st.sampled_from("ab:-{}[],&*!|>'\"%#\n\t \\<?0é😀"), max_size=60)


@given(TEXTS)
def test_any_text_is_read_or_refused(text):
    with suppress(YamlFault):
        read_mapping(text)


@pytest.mark.skipif(len(PARSERS) == 1, reason="PyYAML was built without libyaml")
@given(TEXTS)
@example('a: "\\ud800"')
@example("a: &x {b: [1, '2']}\nc: *x\n")
def test_both_parsers_read_the_same_where_both_read(text):
    found = []
    for loader in PARSERS.values():
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(subject, "_Loader", loader)
            found.append(outcome(text))
    # Where the grammars of the two differ, one refuses; neither gives another value.
    assert found[0] == found[1] or "yaml" in found
