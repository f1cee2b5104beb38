"""PDFs that no school sends. Each is made by a function, the same bytes every time."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from io import BytesIO

from fpdf import FPDF
from hostile_docx import MEGABYTE

Objects = dict[int, bytes]
RULE = b"BT /F 12 Tf 72 700 Td (All staff wear a badge at the gate.) Tj ET\n"
FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"


def stream(data: bytes, entries: bytes = b"", length: int | None = None) -> bytes:
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(data) if length is None else length, entries, data)


def pdf(objects: Mapping[int, bytes], trailer: bytes = b"") -> bytes:
    """A whole PDF with a true cross-reference table; object 1 is its catalogue."""
    body, places = bytearray(b"%PDF-1.7\n"), dict[int, int]()
    for number, said in objects.items():
        places[number] = len(body)
        body += b"%d 0 obj\n%s\nendobj\n" % (number, said)
    table = b"".join(b"%d 1\n%010d 00000 n \n" % (number, at) for number, at in sorted(places.items()))
    end = b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (max(objects) + 1, trailer, len(body))
    return bytes(body) + b"xref\n0 1\n0000000000 65535 f \n" + table + end


def page(content: bytes = RULE, contents: bytes = b"", resources: bytes = b"", box: bytes = b"0 0 595 842", font: bytes = FONT) -> Objects:
    """Objects 1 to 5: catalogue, pages, page, its content, its font. `contents`: the content's object in full."""
    return {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        3: b"<< /Type /Page /Parent 2 0 R /MediaBox [%s] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> %s >> >>" % (box, resources),
        4: contents or stream(content),
        5: font,
    }


def changed(number: int, said: bytes, **options: bytes) -> bytes:
    """A page with one of its objects in another's stead, or one more."""
    return pdf({**page(**options), number: said})


def zeros(megabytes: int, fill: bytes = b" ") -> bytes:
    """zlib's form of so many megabytes, without their being made."""
    packer = zlib.compressobj(9)
    once = zlib.compressobj(9)
    head = packer.compress(RULE) + packer.flush(zlib.Z_FULL_FLUSH)
    once.compress(b"")
    block = once.compress(fill * MEGABYTE) + once.flush(zlib.Z_FULL_FLUSH)
    return head + block[2:] * megabytes


def filtered(data: bytes, *names: str, parms: bytes = b"") -> bytes:
    said = b" ".join(b"/" + name.encode() for name in names)
    return pdf(page(contents=stream(data, b"/Filter [%s] %s" % (said, parms))))


def squeezed(data: bytes, times: int) -> bytes:
    for _ in range(times):
        data = zlib.compress(data)
    return data


def hexed(data: bytes, times: int) -> bytes:
    for _ in range(times):
        data = data.hex().encode() + b">"
    return data


def lzw(codes: int) -> bytes:
    """Clear, then nine-bit codes each of which doubles on the last, and again from the start."""
    bits = "".join("100000000" + "000100000" + "".join(f"{code:09b}" for code in range(258, 500)) for _ in range(codes // 244))
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


def drawing(levels: int, times: int) -> bytes:
    """Forms each of which draws the next so many times; the last draws the first."""
    objects = page(b"/X Do", resources=b"/XObject << /X 10 0 R >>")
    for level in range(levels):
        inner = 10 + (level + 1) % levels
        objects[10 + level] = stream(
            RULE + b"/X Do " * times, b"/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources << /Font << /F 5 0 R >> /XObject << /X %d 0 R >> >>" % inner
        )
    return pdf(objects)


def spread(levels: int, times: int) -> bytes:
    """As `drawing`, but the last draws words."""
    objects = page(b"/X Do", resources=b"/XObject << /X 10 0 R >>")
    for level in range(levels):
        last = level == levels - 1
        inner = b"/Font << /F 5 0 R >>" if last else b"/XObject << /X %d 0 R >>" % (11 + level)
        objects[10 + level] = stream(
            RULE if last else b"/X Do " * times, b"/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources << %s >>" % inner
        )
    return pdf(objects)


def tree(depth: int) -> bytes:
    """Pages within pages, one in each."""
    objects = page()
    objects[2] = b"<< /Type /Pages /Kids [10 0 R] /Count 1 >>"
    for level in range(depth):
        kid = b"%d 0 R" % (11 + level) if level < depth - 1 else b"3 0 R"
        parent = 9 + level if level else 2
        objects[10 + level] = b"<< /Type /Pages /Parent %d 0 R /Kids [%s] /Count 1 >>" % (parent, kid)
    objects[3] = objects[3].replace(b"/Parent 2", b"/Parent %d" % (9 + depth))
    return pdf(objects)


def mapped(said: bytes) -> bytes:
    """A page in a font whose codes `said` tells the letters of."""
    font = b"<< /Type /Font /Subtype /Type0 /BaseFont /A /Encoding /Identity-H /ToUnicode 6 0 R /DescendantFonts [7 0 R] >>"
    descendant = b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /A /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>"
    head = b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap 1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
    return pdf({**page(b"BT /F 12 Tf 72 700 Td <00410042> Tj ET", font=font), 6: stream(head + said + b"\nendcmap end end"), 7: descendant})


def widths(said: bytes) -> bytes:
    font = b"<< /Type /Font /Subtype /Type0 /BaseFont /A /Encoding /Identity-H /DescendantFonts [7 0 R] >>"
    descendant = b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /A /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /W [%s] >>" % said
    return pdf({**page(b"BT /F 12 Tf 72 700 Td <00410042> Tj ET", font=font), 7: descendant})


def object_streams(extends: int) -> bytes:
    """The page lies in an object stream; that says it lies in itself, or that it goes on in one that goes on in it."""
    inner = b"<< /Type /Page /Parent 2 0 R >>"
    held = stream(b"3 0 " + inner, b"/Type /ObjStm /N 1 /First 4 /Extends %d 0 R" % extends)
    body, places = b"%PDF-1.7\n", dict[int, int]()
    for number, said in {1: b"<< /Type /Catalog /Pages 2 0 R >>", 2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>", 8: held}.items():
        places[number] = len(body)
        body += b"%d 0 obj\n%s\nendobj\n" % (number, said)
    rows = [(1, places.get(n, 0), 0) if n in places else (2, 8, 0) for n in range(9)]
    rows[8] = (2, 8, 0) if extends == 8 else rows[8]
    data = b"".join(bytes([kind]) + at.to_bytes(4, "big") + bytes([index]) for kind, at, index in rows)
    end = b"9 0 obj\n" + stream(data, b"/Type /XRef /Size 9 /W [1 4 1] /Root 1 0 R") + b"\nendobj\n"
    return body + end + b"startxref\n%d\n%%%%EOF\n" % len(body)


def looped(previous: int) -> bytes:
    """Cross-reference tables that name each other as the one before."""
    whole = pdf(page())
    at = whole.rindex(b"\nxref\n") + 1
    return whole.replace(b"/Root 1 0 R", b"/Root 1 0 R /Prev %d" % (at if previous == 0 else previous))


def locked() -> bytes:
    sheet = FPDF()
    sheet.add_page()
    sheet.set_font("Helvetica", size=12)
    sheet.cell(text="All staff wear a badge at the gate.")
    sheet.set_encryption(owner_password="owner", user_password="user")
    kept = BytesIO()
    sheet.output(kept)
    return kept.getvalue()


def words_everywhere(count: int) -> bytes:
    """So many words, each at a place of its own."""
    return pdf(page(b"BT /F 1 Tf " + b"".join(b"1 0 0 1 %d %d Tm (a) Tj " % (n * 7919 % 595, n * 104729 % 842) for n in range(count)) + b"ET"))


def rules(count: int) -> bytes:
    """A page of lines, across and down."""
    across = b"".join(b"0 %d.%03d m 595 %d.%03d l S " % (n * 842 // count, n % 1000, n * 842 // count, n % 1000) for n in range(count))
    down = b"".join(b"%d.%03d 0 m %d.%03d 842 l S " % (n * 595 // count, n % 1000, n * 595 // count, n % 1000) for n in range(count))
    return pdf(page(RULE + across + down))


WHOLE = pdf(page(RULE * 50))
IMAGE = b"/Type /XObject /Subtype /Image /Width 100000 /Height 100000 /ColorSpace /DeviceRGB /BitsPerComponent 8"
FILES: dict[str, Callable[[], bytes]] = {
    "xref-of-itself.pdf": lambda: looped(0),
    "xref-anywhere.pdf": lambda: looped(20),
    "xref-beyond-the-end.pdf": lambda: looped(10**12),
    "page-tree-in-a-ring.pdf": lambda: changed(2, b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>"),
    "page-tree-of-pages.pdf": lambda: changed(2, b"<< /Type /Pages /Kids [6 0 R 3 0 R] /Count 2 >>") .replace(b"endobj\n4 0", b"endobj\n6 0 obj\n<< /Type /Pages /Parent 2 0 R /Kids [2 0 R] /Count 1 >>\nendobj\n4 0"),
    "page-of-its-own-parent.pdf": lambda: changed(3, b"<< /Type /Page /Parent 3 0 R /Contents 4 0 R >>"),
    "page-tree-doubled.pdf": lambda: pdf({**page(), **{n: b"<< /Type /Pages /Kids [%d 0 R %d 0 R] /Count 2 >>" % ((n + 1, n + 1) if n < 40 else (3, 3)) for n in range(10, 41)}, 2: b"<< /Type /Pages /Kids [10 0 R] /Count 2 >>"}),
    "page-tree-thousands-deep.pdf": lambda: tree(20_000),
    "page-a-million-times.pdf": lambda: changed(2, b"<< /Type /Pages /Kids [%s] /Count 1000000 >>" % (b"3 0 R " * 1_000_000)),
    "count-of-a-billion.pdf": lambda: changed(2, b"<< /Type /Pages /Kids [3 0 R] /Count 1000000000 >>"),
    "count-below-nothing.pdf": lambda: changed(2, b"<< /Type /Pages /Kids [3 0 R] /Count -5 >>"),
    "outlines-in-a-ring.pdf": lambda: pdf({**page(), 1: b"<< /Type /Catalog /Pages 2 0 R /Outlines 8 0 R >>", 8: b"<< /First 9 0 R /Last 9 0 R >>", 9: b"<< /Title (a) /Next 9 0 R /First 8 0 R /Parent 9 0 R >>"}),
    "notes-in-a-ring.pdf": lambda: pdf({**page(), 3: page()[3].replace(b"/Parent", b"/Annots 8 0 R /Parent"), 8: b"[8 0 R 9 0 R]", 9: b"<< /Type /Annot /Subtype /Link /Popup 9 0 R /P 9 0 R >>"}),
    "object-of-itself.pdf": lambda: changed(4, b"4 0 R"),
    "objects-in-a-ring.pdf": lambda: pdf({**page(), 4: b"8 0 R", 8: b"9 0 R", 9: b"8 0 R"}),
    "form-that-draws-itself.pdf": lambda: drawing(1, 2),
    "forms-that-draw-each-other.pdf": lambda: drawing(3, 8),
    "forms-a-billion-times.pdf": lambda: spread(10, 8),
    "object-stream-in-itself.pdf": lambda: object_streams(8),
    "object-streams-in-a-ring.pdf": lambda: object_streams(9),
    "flate-bomb.pdf": lambda: filtered(zeros(1000, b"\0"), "FlateDecode"),
    "flate-bomb-of-spaces.pdf": lambda: filtered(zeros(1000), "FlateDecode"),
    "flate-bomb-of-rules.pdf": lambda: filtered(zeros(200, RULE[:64] + b" " * (64 - len(RULE[:64]))), "FlateDecode"),
    "flate-bombs-within.pdf": lambda: filtered(squeezed(zeros(1000), 2), *["FlateDecode"] * 3),
    "many-bombs.pdf": lambda: pdf({**page(), 3: page()[3].replace(b"/Contents 4 0 R", b"/Contents [%s]" % (b"4 0 R " * 1000)), 4: stream(zeros(60), b"/Filter /FlateDecode")}),
    "lzw-bomb.pdf": lambda: filtered(lzw(3_000_000), "LZWDecode"),
    "run-length-bomb.pdf": lambda: filtered(b"\x81 " * 8_000_000 + b"\x80", "RunLengthDecode"),
    "ascii85-bomb.pdf": lambda: filtered(b"z" * 40_000_000 + b"~>", "ASCII85Decode"),
    "hundred-filters.pdf": lambda: filtered(squeezed(RULE, 100), *["FlateDecode"] * 100),
    "filters-that-are-not.pdf": lambda: filtered(RULE, *["NoSuchDecode"] * 1000),
    "doubled-by-hex.pdf": lambda: filtered(hexed(RULE, 16), *["ASCIIHexDecode"] * 16),
    "predictor-of-a-billion.pdf": lambda: filtered(zlib.compress(RULE), "FlateDecode", parms=b"/DecodeParms [<< /Predictor 12 /Columns 1000000000 /Colors 1000000 >>]"),
    "predictor-of-nothing.pdf": lambda: filtered(zlib.compress(RULE), "FlateDecode", parms=b"/DecodeParms [<< /Predictor 15 /Columns 0 >>]"),
    "predictor-of-one-column.pdf": lambda: filtered(zeros(100, b"\2"), "FlateDecode", parms=b"/DecodeParms [<< /Predictor 15 /Columns 1 >>]"),
    "page-of-a-billion-points.pdf": lambda: pdf(page(box=b"-1000000000 -1000000000 1000000000 1000000000")),
    "page-of-no-number.pdf": lambda: pdf(page(box=b"0 0 1e999 (wide)")),
    "million-words.pdf": lambda: pdf(page(RULE * 300_000)),
    "words-everywhere.pdf": lambda: words_everywhere(100_000),
    "lines-everywhere.pdf": lambda: rules(10_000),
    "boxes-everywhere.pdf": lambda: pdf(page(RULE + b"".join(b"%d %d 9 9 re S " % (n % 60 * 10, n // 60 % 84 * 10) for n in range(60_000)))),
    "million-saved-states.pdf": lambda: pdf(page(b"q " * 1_000_000 + RULE)),
    "million-texts-begun.pdf": lambda: pdf(page(b"BT " * 1_000_000 + RULE)),
    "million-operands.pdf": lambda: pdf(page(b"1 " * 3_000_000 + RULE)),
    "arrays-in-the-content.pdf": lambda: pdf(page(b"[" * 500_000 + RULE)),
    "dictionaries-in-the-content.pdf": lambda: pdf(page(b"/A << /A " * 300_000 + RULE)),
    "arrays-in-an-object.pdf": lambda: changed(4, b"[" * 500_000 + b"]" * 500_000),
    "dictionaries-in-an-object.pdf": lambda: changed(4, b"<< /A " * 300_000 + b">>" * 300_000),
    "text-without-end.pdf": lambda: pdf(page(b"BT /F 12 Tf (" + b"(" * 5_000_000)),
    "text-of-a-gigantic-size.pdf": lambda: pdf(page(b"BT /F 1e300 Tf 1e300 0 0 1e300 1e300 1e300 Tm (All staff) Tj 1e308 Tc (wear) Tj ET " + RULE)),
    "inline-images.pdf": lambda: pdf(page(b"BI /W 1 /H 1 ID " * 200_000 + RULE)),
    "map-of-every-code.pdf": lambda: mapped(b"1 beginbfrange <0000> <FFFFFFFF> <0041> endbfrange"),
    "map-of-longer-codes.pdf": lambda: mapped(b"1 beginbfrange <000000000000> <FFFFFFFFFFFF> <0041> endbfrange"),
    "map-of-many-codes.pdf": lambda: mapped(b"100 beginbfrange " + b"<0000> <FFFF> <0041> " * 2000 + b"endbfrange"),
    "map-that-uses-itself.pdf": lambda: pdf({**page(font=FONT.replace(b">>", b"/ToUnicode 6 0 R /Encoding 6 0 R >>")), 6: stream(b"/A usecmap", b"/Type /CMap /CMapName /A /UseCMap 6 0 R")}),
    "code-of-a-million-letters.pdf": lambda: mapped(b"1 beginbfchar <0041> <%s> endbfchar" % (b"0041" * 1_000_000)).replace(b"<00410042> Tj", b"<%s> Tj" % (b"0041" * 1000)),
    "widths-of-a-billion.pdf": lambda: widths(b"0 1000000000 500"),
    "font-within-itself.pdf": lambda: pdf(page(font=b"<< /Type /Font /Subtype /Type0 /BaseFont /A /Encoding /Identity-H /DescendantFonts [5 0 R] >>")),
    "needs-a-password.pdf": locked,
    "cut-off-early.pdf": lambda: WHOLE[: len(WHOLE) // 4],
    "cut-off-half-way.pdf": lambda: WHOLE[: len(WHOLE) // 2],
    "cut-off-late.pdf": lambda: WHOLE[: len(WHOLE) * 9 // 10],
    "length-below-nothing.pdf": lambda: pdf(page(contents=stream(RULE, length=-1))),
    "length-of-a-billion.pdf": lambda: pdf(page(contents=stream(RULE, length=10**12))),
    "length-of-itself.pdf": lambda: changed(4, b"<< /Length 4 0 R >>\nstream\n" + RULE + b"endstream"),
    "picture-of-thirty-gigabytes.pdf": lambda: pdf({**page(RULE + b"/I Do", resources=b"/XObject << /I 8 0 R >>"), 8: stream(zeros(100, b"\0"), IMAGE + b" /Filter /FlateDecode")}),
    "pictures-of-nothing.pdf": lambda: pdf({**page(RULE + b"/I Do", resources=b"/XObject << /I 8 0 R >>"), 8: stream(b"\xff\x4f\xff\x51" * 1000, IMAGE + b" /Filter [/JPXDecode /JBIG2Decode]")}),
    "jbig2-for-words.pdf": lambda: filtered(b"\x97JB2\r\n\x1a\n" * 10_000, "JBIG2Decode"),
    "two-hundred-thousand-objects.pdf": lambda: pdf({**page(), **dict.fromkeys(range(10, 200000), b"<< /A [1 2 3] >>")}),
    "no-xref-and-many-objects.pdf": lambda: pdf({**page(), **dict.fromkeys(range(10, 200000), b"<< /A [1 2 3] >>")}).replace(b"startxref", b"startover"),
    "nothing-but-its-name.pdf": lambda: b"%PDF-1.7\n" + b"1 0 obj\n" * 300_000 + b"endobj\n%%EOF",
    "digits-without-end.pdf": lambda: changed(4, b"9" * 3_000_000),
}
