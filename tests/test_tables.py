"""Tables as text and as HTML that survives an untrusted notebook."""

from __future__ import annotations

from confkit.tables import cut, html_details, html_table, stacked_table, text_table, width


def test_columns_are_as_wide_as_a_terminal_shows_them():
    assert width("abc") == 3
    assert width("漢字") == 4
    assert width("e\u0301") == 1


def test_a_text_table_has_aligned_columns_and_no_blanks_at_the_ends():
    assert text_table(("key", "value"), [("漢", "1"), ("longer", "")]) == (
        "key     value\n漢      1\nlonger"
    )


def test_a_text_that_fits_is_left_alone():
    assert cut("x" * 40) == "x" * 40
    assert cut("x" * 41) == "x" * 39 + "…"
    assert cut("abcd", 3) == "ab…"


def test_every_cell_and_heading_is_escaped():
    html = html_table(("<th>",), [("<img src=x onerror=alert(1)>",)])
    assert "<img" not in html
    assert "&lt;th&gt;" in html
    assert "&lt;img src=x onerror=alert(1)&gt;" in html


def test_details_escape_the_summary_and_open_without_a_script():
    assert html_details("a<b", "<p></p>") == ("<details><summary>a&lt;b</summary><p></p></details>")
    assert html_details("a", "", shown=True).startswith("<details open>")


def test_a_stacked_table_repeats_its_heads_in_every_cell():
    made = stacked_table(("a", "<b>"), [("1", "<2>"), ("3", "4")], 'n"')
    assert made.count('data-label="a"') == made.count('data-label="&lt;b&gt;"') == 2
    assert "&lt;2&gt;" in made
    assert 'aria-label="n&quot;"' in made
    assert "<2>" not in made
