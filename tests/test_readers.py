"""The door to the readers, and plain text: formats told apart, encodings, and one clear line for whatever cannot be read."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from clausewise.errors import ReadError
from clausewise.readers import read
from clausewise.types import Source

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
POLICY = "Social Media Policy\n\n1. Scope\n\n1.1 Staff must not “friend” pupils – ever.\n\n- on Facebook\n- on Instagram\n"


def put(folder: Path, name: str, data: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def refusal(path: Path, **settings: int) -> str:
    """The one line that reading the file is refused with, less the file's name."""
    with pytest.raises(ReadError) as caught:
        read(path, **settings)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message.removeprefix(f"{path}: ")


def assert_partition(source: Source) -> None:
    """Blocks are in order and apart, and every character that is not white space lies in one."""
    at = 0
    for block in source.blocks:
        assert at <= block.start < block.end
        assert source.text[at : block.start].strip() == ""
        spans = [(cell.start, cell.end) for cell in block.cells]
        assert all(block.start <= a <= b <= block.end for a, b in spans)
        assert all(b <= c for (_, b), (c, _) in itertools.pairwise(spans))
        at = block.end
    assert source.text[at:].strip() == ""


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", b"\xef\xbb\xbf"),
        ("utf-16-le", b"\xff\xfe"),
        ("utf-16-be", b"\xfe\xff"),
        ("utf-16-le", b""),
        ("utf-16-be", b""),
        ("utf-32-le", b"\xff\xfe\x00\x00"),
        ("utf-32-be", b"\x00\x00\xfe\xff"),
        ("cp1252", b""),
    ],
)
def test_an_encoding_is_found_out(tmp_path: Path, encoding: str, mark: bytes) -> None:
    form, source, _ = read(put(tmp_path, "policy.txt", mark + POLICY.encode(encoding)))
    assert form == "text"
    assert source.text == POLICY
    assert (source.pages, source.empty_pages, source.notes) == ((), (), ())


def test_a_file_patched_together_from_two_encodings_is_read(tmp_path: Path) -> None:
    _, source, _ = read(put(tmp_path, "policy.txt", "Caf\u00e9 ".encode() + "“rules”".encode("cp1252")))
    assert source.text == "Café “rules”"


def test_newlines_are_made_one_and_nothing_else_is_touched(tmp_path: Path) -> None:
    form, source, _ = read(put(tmp_path, "policy.md", "# Aims\r\n\r\n**Staff**\u00a0must<sup>1</sup>\rnot  <script>x</script>\n"))
    assert form == "markdown"
    assert source.text == "# Aims\n\n**Staff**\u00a0must<sup>1</sup>\nnot  <script>x</script>\n"
    assert_partition(source)


def test_text_is_split_into_blocks(tmp_path: Path) -> None:
    _, source, _ = read(put(tmp_path, "policy.TXT", POLICY))
    assert [(b.kind, source.text[b.start : b.end]) for b in source.blocks][-2:] == [("item", "- on Facebook"), ("item", "- on Instagram")]
    assert_partition(source)


@pytest.mark.parametrize("data", [b"", b" \r\n\t", b"\xef\xbb\xbf\n", b"\xff\xfe \x00\n\x00"])
def test_an_empty_file_is_refused(tmp_path: Path, data: bytes) -> None:
    assert refusal(put(tmp_path, "p.txt", data)) == "this file is empty, where a policy was expected; replace it or remove it"


@pytest.mark.parametrize("data", [bytes(range(256)) * 8, b"abc\0def\0\0\0\x01\x02 ghi" * 9, b"\x81\x8d" * 40 + b"words"])
def test_binary_junk_is_no_text(tmp_path: Path, data: bytes) -> None:
    found = refusal(put(tmp_path, "p.txt", data))
    assert found == "this is not text: it holds binary data where words were expected; save it as UTF-8 text"


def test_an_unknown_suffix_is_refused_with_those_that_are_known(tmp_path: Path) -> None:
    known = "Clausewise reads .pdf, .docx, .html, .htm, .md, .markdown, .txt: save it as one of these"
    assert refusal(put(tmp_path, "p.odt", "words")) == f'its suffix is ".odt"; {known}'
    assert refusal(put(tmp_path, "policy", "words")) == f"it has no suffix; {known}"


def test_old_word_and_rich_text_files_are_told_what_to_become(tmp_path: Path) -> None:
    old = OLE + b"\0" * 600 + "WordDocument".encode("utf-16-le")
    remedy = "Clausewise reads .docx: open it in Word and save it as .docx"
    assert refusal(put(tmp_path, "old.doc", old)) == f"this is an old Word file (.doc); {remedy}"
    assert refusal(put(tmp_path, "old.docx", old)) == f"this is an old Word file (.doc); {remedy}"
    assert refusal(put(tmp_path, "old.rtf", rb"{\rtf1 words}")) == f"this is a Rich Text file (.rtf); {remedy}"


def test_a_password_protected_docx_is_told_so(tmp_path: Path) -> None:
    locked = OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le")
    remedy = "remove its password (in Word: File, Info, Protect Document) and save it again"
    assert refusal(put(tmp_path, "p.docx", locked)) == f"this is a password-protected Office file; {remedy}"


def archive(folder: Path, name: str) -> Path:
    path = folder / name
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("notes.txt", "words")
    return path


def test_a_content_that_belies_the_suffix_is_refused_with_both_named(tmp_path: Path) -> None:
    text = "plain text, as its suffix .txt says, was expected"
    pdf = "a PDF, as its suffix .pdf says, was expected"
    remedy = "give it the right suffix, or save it again"
    assert refusal(put(tmp_path, "p.txt", b"%PDF-1.7\n%\xe2\xe3")) == f"this is a PDF, where {text}; {remedy}"
    assert refusal(archive(tmp_path, "p.pdf")) == f"this is a ZIP archive, where {pdf}; {remedy}"
    assert refusal(put(tmp_path, "q.pdf", b"\x89PNG\r\n\x1a\n")) == f"this is a PNG picture, where {pdf}; {remedy}"
    assert refusal(put(tmp_path, "q.txt", "\n<!DOCTYPE html><p>x")) == f"this is an HTML page, where {text}; {remedy}"
    assert refusal(put(tmp_path, "r.pdf", "words")) == f"this is no PDF at all, or it is damaged; {pdf}: save it again from its own program"


def test_a_text_that_speaks_of_pdf_is_text(tmp_path: Path) -> None:
    assert read(put(tmp_path, "p.txt", "A file that begins with %PDF- is a PDF."))[0] == "text"


def test_a_file_over_the_limit_is_refused(tmp_path: Path) -> None:
    found = refusal(put(tmp_path, "p.txt", "x" * 1001), max_bytes=1000)
    assert found == "this file has 1,001 bytes, over the limit of 1,000; split it, or leave its pictures out"
    assert read(put(tmp_path, "q.txt", "x" * 1000), max_bytes=1000)[1].text == "x" * 1000


def test_a_file_that_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    check = "check that it exists and that you may read it"
    assert refusal(tmp_path / "gone.txt") == f"this file cannot be opened (No such file or directory); {check}"
    (tmp_path / "folder.txt").mkdir()
    assert refusal(tmp_path / "folder.txt") == "this is a folder, where a policy file was expected; name a file in it"
    locked = put(tmp_path, "locked.txt", "words")
    locked.chmod(0)
    if not os.access(locked, os.R_OK):  # root may read everything
        assert refusal(locked) == f"this file cannot be opened (Permission denied); {check}"


@pytest.mark.parametrize(("name", "idle"), [("p.txt", ["pypdf", "docx", "bs4"]), ("p.html", ["pypdf", "docx"])])
def test_a_package_is_loaded_only_for_its_own_format(tmp_path: Path, name: str, idle: list[str]) -> None:
    path = put(tmp_path, name, "<p>Words</p>")
    script = f"import sys; from pathlib import Path; from clausewise.readers import read; read(Path({str(path)!r})); print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": "src"}
    )
    assert not set(idle) & set(loaded.stdout.split())
