"""One value filled in: the texts inside it, what was learned of each, and what stays as it is."""

from __future__ import annotations

from confkit.layers import Entry, Origin, bare
from confkit.resolution.binding import unfinished
from confkit.resolution.expansion import Expander, texts_in
from confkit.resolution.interpolation import Variables
from confkit.resolution.pieces import Pieces
from confkit.schema.shapes import Shape, shape_of
from confkit.secret import Secret

ENV, CODE = Origin("env", "X"), Origin("code", "mapping")
LONG = "gAAAAA" + "x" * 40


def fernet(token: str) -> str:
    return f"<{token[-1]}>"


def expanded(raw: object, kind: object = list[Secret]) -> tuple[object, list[str], list[str]]:
    used, tainted = [], []
    shape: Shape = shape_of(kind)[0]
    variables = Variables([{"A": Entry("a", ENV)}], {"fernet": fernet})
    entry = raw if isinstance(raw, Entry) else Entry(raw, ENV)
    made = Expander(lambda: variables, shape, "key", used, tainted).expand(entry, ())
    return bare(made.raw), [f"{key} {one.expression}" for key, one in used], tainted


def test_each_text_inside_a_value_is_filled_in_and_told_by_its_place():
    inside = {"a": Entry("${A}", ENV), "b": [Entry(f"enc:{LONG}1", ENV), Entry("plain", ENV)]}
    made, used, tainted = expanded([Entry(inside["a"].raw, ENV), Entry(inside["b"], ENV)])
    assert made == ["a", ["<1>", "plain"]]
    assert used == ["key[0] ${A}", f"key[1][0] ${{fernet:{LONG}1}}"]
    assert tainted == ["key[1][0]"]


def test_the_items_of_a_list_in_text_are_decrypted_one_by_one():
    two = [f"enc:{LONG}1", f"ENC: {LONG}2"]
    assert expanded(",".join(two))[0] == ["<1>", "<2>"]
    assert expanded(f'["{two[0]}", "x", ["{two[1]}"]]')[0] == ["<1>", "x", ["<2>"]]
    assert expanded(f'{{"a": "{two[0]}", "b": 1}}', dict[str, Secret])[0] == {"a": "<1>", "b": 1}
    assert expanded(two[0])[0] == "<1>"


def test_what_code_gives_is_final():
    for raw in ("${A}", f"enc:{LONG}1"):
        assert expanded(Entry(raw, CODE)) == (raw, [], [])
    assert expanded(Entry([1, Entry("${A}", CODE)], CODE))[0] == [1, "${A}"]


def test_what_has_something_to_fill_in_is_found_everywhere():
    full, empty = Entry("${A}", ENV), Entry("a", ENV)
    pieces = Pieces(full, (((), empty), ((0,), full)))
    held = Entry([full, {"x": 1}, Entry({"y": full, "z": empty}, ENV)], ENV)
    assert list(texts_in([held, Entry(pieces, ENV), empty, Entry(3, ENV)])) == [full] * 4
    assert unfinished(held.raw)
    assert unfinished(pieces)
    assert not unfinished([empty, 1, None])
    assert not unfinished("enc:x")
    assert unfinished(f"enc:{LONG}")
