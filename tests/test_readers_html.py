"""HTML pages: what a browser would show of the policy itself, and what of the page is left out."""

from __future__ import annotations

from pathlib import Path

from test_readers import assert_partition, put, refusal

from clausewise.readers import read
from clausewise.types import Source


def html(folder: Path, body: str, encoding: str = "utf-8") -> Source:
    form, source, _ = read(put(folder, "policy.html", f"<html><head><title>T</title></head><body>{body}</body></html>".encode(encoding)))
    assert form == "html"
    assert_partition(source)
    return source


def shape(source: Source) -> list[tuple[str, int, str, str]]:
    return [(b.kind, b.level, b.marker, source.text[b.start : b.end]) for b in source.blocks]


def test_headings_paragraphs_and_inline_marks(tmp_path: Path) -> None:
    source = html(
        tmp_path,
        "<h1>Policy</h1>\n<h3>1. Aims</h3><p>Staff  must\n <b>not</b>&nbsp;post &ldquo;news&rdquo;&amp;c<sup>2</sup>.<br>Ever.</p>Loose words",
    )
    assert source.text == "Policy\n\n1. Aims\n\nStaff must not\u00a0post “news”&c2.\nEver.\n\nLoose words"
    assert shape(source) == [
        ("heading", 1, "", "Policy"),
        ("heading", 3, "", "1. Aims"),
        ("paragraph", 0, "", "Staff must not\u00a0post “news”&c2.\nEver."),
        ("paragraph", 0, "", "Loose words"),
    ]


def test_a_footnote_number_does_not_change_the_number_before_it(tmp_path: Path) -> None:
    assert html(tmp_path, "<p>until the age of 18.<sup>1</sup> Then</p>").text == "until the age of 18. 1 Then"


def test_lists_have_markers_and_depth(tmp_path: Path) -> None:
    source = html(
        tmp_path,
        "<p>Staff must:</p><ul><li>lock<ol type=a start=3><li>phones</li><li><p>tablets</p><p>and watches</p></li></ol></li><li>report</li></ul>"
        "<ol><li>one</li><li value=4>four</li></ol><ol type=I><li>first</li></ol>",
    )
    assert shape(source) == [
        ("paragraph", 0, "", "Staff must:"),
        ("item", 0, "-", "- lock"),
        ("item", 1, "c.", "c. phones"),
        ("item", 1, "d.", "d. tablets"),
        ("paragraph", 0, "", "and watches"),
        ("item", 0, "-", "- report"),
        ("item", 0, "1.", "1. one"),
        ("item", 0, "4.", "4. four"),
        ("item", 0, "I.", "I. first"),
    ]
    assert "\n\n  c. phones\n\n  d. tablets\n\n" in source.text


def test_table_rows_and_their_header(tmp_path: Path) -> None:
    source = html(tmp_path, "<table><tr><th>What<th>Who</tr><tr><td>Lost<br>phone<td></tr><tr><td><td>Head</tr></table>")
    assert shape(source) == [("row", 0, "", "What | Who"), ("row", 0, "", "Lost\nphone"), ("row", 0, "", "| Head")]
    assert [b.header for b in source.blocks] == [True, False, False]
    assert [[c.of(source.text) for c in b.cells] for b in source.blocks] == [["What", "Who"], ["Lost\nphone"], ["", "Head"]]


def test_a_header_row_is_told_by_thead_bold_or_its_look(tmp_path: Path) -> None:
    rows = "<tr><td>a<td>b</tr>"
    assert html(tmp_path, f"<table><thead>{rows}</thead>{rows}</table>").blocks[0].header
    assert html(tmp_path, f"<table><tr><td><b>A</b><td><strong>B</strong></tr>{rows}</table>").blocks[0].header
    assert not html(tmp_path, f"<table>{rows}{rows}</table>").blocks[0].header
    long = "<tr><td>Someone has lost a phone<td>Tell the head teacher at once</tr>" * 2
    assert html(tmp_path, f"<table><tr><td>What<td>Do</tr>{long}</table>").blocks[0].header
    assert (
        not html(tmp_path, "<table><tr><td>Approved by<td>Full board</tr><tr><td>On<td>May</tr><tr><td>By<td>Al</tr></table>")
        .blocks[0]
        .header
    )


def test_a_table_that_lays_out_the_page_is_read_as_the_page(tmp_path: Path) -> None:
    source = html(tmp_path, "<table><tr><td><h2>Aims</h2><p>To be safe.</p></td></tr></table>")
    assert shape(source) == [("heading", 2, "", "Aims"), ("paragraph", 0, "", "To be safe.")]


def test_a_caption_stands_before_its_rows(tmp_path: Path) -> None:
    source = html(tmp_path, "<h2>H</h2><table><caption>First steps</caption><tr><td>a<td>b</tr><tr><td>c<td>d</tr></table>")
    assert [b.kind for b in source.blocks] == ["heading", "paragraph", "row", "row"]


def test_the_page_around_the_policy_is_left_out_and_noted(tmp_path: Path) -> None:
    source = html(
        tmp_path,
        "<header>Our School</header><nav><a>Home</a></nav><div><a>Home</a> | <a>Policies</a></div><main><header><h1>Policy</h1></header>"
        "<script>x()</script><style>p{}</style><template>t</template><p>Words</p><p hidden>old</p><form>Search <input></form></main><footer>Phone 01</footer>",
    )
    assert source.text == "Policy\n\nWords"
    assert source.notes == (
        'left out the page\'s header: "Our School"',
        'left out the page\'s navigation: "Home; Home | Policies"',
        'left out the hidden text: "old"',
        'left out the page\'s form: "Search"',
        'left out the page\'s footer: "Phone 01"',
    )


def test_bold_lines_and_defined_terms_are_headings(tmp_path: Path) -> None:
    source = html(tmp_path, "<p><b>Personal use</b></p><p><b>Staff must not post.</b></p><dl><dt>Head (Mr A)</dt><dd>Decides.</dd></dl>")
    assert [(b.kind, b.level) for b in source.blocks] == [("heading", 0), ("paragraph", 0), ("heading", 0), ("paragraph", 0)]


def test_markup_written_as_text_is_text(tmp_path: Path) -> None:
    source = html(tmp_path, "<h1>P</h1><p># not a heading</p><p>a | b</p><p>&lt;script&gt;x&lt;/script&gt;</p><!-- c -->")
    assert source.text == "P\n\n# not a heading\n\na | b\n\n<script>x</script>"
    assert [b.kind for b in source.blocks] == ["heading", "paragraph", "paragraph", "paragraph"]


def test_the_encoding_is_the_one_declared_or_found(tmp_path: Path) -> None:
    for name, encoding in (
        ("latin-1", "cp1252"),
        ("windows-1252", "cp1252"),
        ("utf-8", "utf-8"),
        ("utf-8", "cp1252"),
        ("nonsense", "utf-8"),
    ):
        assert html(tmp_path, f'<meta charset="{name}"><p>“Café”</p>', encoding).text == "“Café”"
    assert html(tmp_path, "<p>“Café”</p>", "utf-16").text == "“Café”"


def test_a_page_without_words_is_refused(tmp_path: Path) -> None:
    found = refusal(put(tmp_path, "p.html", "<html><body><script>x()</script></body></html>"))
    assert found == "this file holds no words, where a policy was expected; check that it is the right file"


def test_deep_nesting_is_refused_and_does_not_crash(tmp_path: Path) -> None:
    assert refusal(put(tmp_path, "p.html", "<div>" * 20_000 + "x")).startswith("this file is damaged (RecursionError")
