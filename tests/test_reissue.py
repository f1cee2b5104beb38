"""A policy is issued anew and the suite's cases follow it, or wait."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import LARCH_PHONES, MAX_BYTES, ROOT, WordsEncoder, write

from clausewise import snapshots
from clausewise.building import build
from clausewise.catalogue import Catalogue
from clausewise.documents import load_corpus
from clausewise.errors import BadSuite
from clausewise.evaluation.cases import NOTE, Suite, case_dict, case_line, load_suite, noted
from clausewise.evaluation.reissue import follow, proposals
from clausewise.evaluation.reissue import write as write_suite
from clausewise.index import load_texts

P = "larch/phones"
EDITED = LARCH_PHONES.replace(
    "1.2 Pupils may carry a phone on a residential trip.",
    "1.2 A phone that rings is kept by the office until Friday.\n\n1.3 Pupils may carry a phone on a residential trip.",
)


def case(name: str, clauses: dict[str, int], **more: object) -> str:
    stance = ["required"] if 2 in clauses.values() else ["silent"]
    gold = {"larch": {"clauses": clauses, "stance": stance, **more}}
    return json.dumps({"id": name, "kind": "single", "question": f"{name}?", "school": "larch", "gold": gold})


@pytest.fixture
def issue(tmp_path: Path, words: WordsEncoder) -> Callable[[str], Catalogue]:
    """The text of larch's phone policy -> the words of an index of it; a snapshot of each is kept."""

    def issued(text: str) -> Catalogue:
        folder = write(tmp_path / "policies", {f"{P}.md": text})
        index = build(load_corpus(folder, MAX_BYTES), words, tmp_path / "indexes" / "default").index  # type: ignore[arg-type]
        return load_texts(snapshots.keep(tmp_path / "indexes" / "default", index.manifest["checksum"]))

    return issued


@pytest.fixture
def suite(tmp_path: Path) -> Callable[..., Suite]:
    def written(*lines: str, name: str = "cases.jsonl") -> Suite:
        (tmp_path / "suite").mkdir(exist_ok=True)
        (tmp_path / "suite" / name).write_text("\n".join(lines) + "\n", "utf-8")
        return load_suite(tmp_path / "suite")

    return written


def gold(folder: Path, name: str) -> dict[str, int]:
    found = {c.id: c for c in load_suite(folder).cases}[name]
    return dict(found.gold["larch"].qrels)


def test_an_id_that_another_clause_bears_now_is_followed_by_its_words(suite: Callable[..., Suite], issue: Callable[[str], Catalogue]) -> None:
    """1.2 is 1.3 in the new edition, and there is a new 1.2: the dangerous case."""
    old, new = issue(LARCH_PHONES), issue(EDITED)
    cases = suite(case("trip", {f"{P}#1.2": 2}), case("morning", {f"{P}#1.1": 2}))
    found = proposals(cases, {old.checksum: old}, old.checksum, new)
    assert {p.named: (p.anchor.how, p.anchor.new) for p in found} == {
        f"{P}#1.1": ("same", (f"{P}#1.1",)),
        f"{P}#1.2": ("moved", (f"{P}#1.3",)),
    }
    changed = follow(cases, found, {})
    assert [*changed] == ["trip"]
    write_suite(cases, changed, new.checksum)
    assert gold(cases.folder, "trip") == {f"{P}#1.3": 2}
    assert gold(cases.folder, "morning") == {f"{P}#1.1": 2}


def test_numbers_that_change_places_change_them_at_once(suite: Callable[..., Suite], issue: Callable[[str], Catalogue]) -> None:
    one, other = "1.1 Pupils must hand their phones to the office each morning.", "1.2 Pupils may carry a phone on a residential trip."
    swapped = LARCH_PHONES.replace(one, "X").replace(other, f"1.2 {one[4:]}").replace("X", f"1.1 {other[4:]}")
    old, new = issue(LARCH_PHONES), issue(swapped)
    cases = suite(case("both", {f"{P}#1.1": 2, f"{P}#1.2": 1}))
    write_suite(cases, follow(cases, proposals(cases, {old.checksum: old}, old.checksum, new), {}), new.checksum)
    assert gold(cases.folder, "both") == {f"{P}#1.2": 2, f"{P}#1.1": 1}


def test_a_reworded_clause_waits_under_its_old_name_until_it_is_confirmed(
    suite: Callable[..., Suite], issue: Callable[[str], Catalogue]
) -> None:
    old, new = issue(LARCH_PHONES), issue(EDITED.replace("Pupils must hand", "Pupils should hand"))
    cases = suite(case("morning", {f"{P}#1.1": 2}, spans={f"{P}#1.1": [[0, 10]]}), case("trip", {f"{P}#1.2": 2}))
    known = {old.checksum: old, new.checksum: new}
    write_suite(cases, follow(cases, proposals(cases, known, old.checksum, new), {}), new.checksum)
    waiting = f"{P}#1.1@{old.checksum[:16]}"
    assert gold(cases.folder, "morning") == {waiting: 2}
    assert [c.id for c in load_suite(cases.folder).cases if c.waits] == ["morning"]
    # a day later: the ids without a fingerprint belong to the new index, the one with it to the old
    again = load_suite(cases.folder)
    assert noted(cases.folder) == new.checksum
    every = proposals(again, known, new.checksum, new)
    (found,) = [p for p in every if not p.anchor.sure]
    assert (found.named, found.anchor.how, found.anchor.new, found.cases) == (waiting, "reworded", (f"{P}#1.1",), ("morning",))
    write_suite(again, follow(again, every, {waiting: found.anchor.new}), new.checksum)
    settled = load_suite(cases.folder)
    assert gold(cases.folder, "morning") == {f"{P}#1.1": 2}
    assert settled.cases[0].gold["larch"].spans == {}  # they were counted in the old words
    assert not any(c.waits for c in settled.cases)


def test_a_rule_that_is_gone_leaves_a_silence_once_a_person_says_so(suite: Callable[..., Suite], issue: Callable[[str], Catalogue]) -> None:
    old, new = issue(LARCH_PHONES), issue(LARCH_PHONES.replace("1.2 Pupils may carry a phone on a residential trip.\n", ""))
    cases = suite(case("trip", {f"{P}#1.2": 2, f"{P}#1.1": 1}))
    found = proposals(cases, {old.checksum: old}, old.checksum, new)
    assert {p.named: p.anchor.how for p in found} == {f"{P}#1.1": "same", f"{P}#1.2": "removed"}
    changed = follow(cases, found, {f"{P}#1.2": ()})
    assert case_dict(changed["trip"])["gold"] == {"larch": {"clauses": {f"{P}#1.1": 1}, "stance": ["silent"]}}


def test_one_clause_may_become_two(suite: Callable[..., Suite], issue: Callable[[str], Catalogue]) -> None:
    old = issue(LARCH_PHONES)
    new = issue(LARCH_PHONES.replace("Pupils must hand their phones to the office each morning.", "Pupils must hand their phones.\n\n1.2 To the office each morning.").replace("1.2 Pupils", "1.3 Pupils"))
    cases = suite(case("morning", {f"{P}#1.1": 2}))
    found = proposals(cases, {old.checksum: old}, old.checksum, new)
    changed = follow(cases, found, {f"{P}#1.1": (f"{P}#1.1", f"{P}#1.2")})
    assert dict(changed["morning"].gold["larch"].qrels) == {f"{P}#1.1": 2, f"{P}#1.2": 2}


def test_what_is_not_changed_stays_byte_for_byte(suite: Callable[..., Suite], issue: Callable[[str], Catalogue]) -> None:
    old, new = issue(LARCH_PHONES), issue(EDITED)
    strange = '{"gold": {"larch": {"stance": ["required"],   "clauses": {"larch/phones#1.1": 2}}}, "id":"odd","kind":"single","question":"é?"}'
    cases = suite(strange, case("trip", {f"{P}#1.2": 2}), "")
    write_suite(cases, follow(cases, proposals(cases, {old.checksum: old}, old.checksum, new), {}), new.checksum)
    lines = (cases.folder / "cases.jsonl").read_text("utf-8").split("\n")
    assert lines[0] == strange
    assert len(lines) == 4


def test_in_yaml_comments_and_other_cases_stay(suite: Callable[..., Suite], issue: Callable[[str], Catalogue]) -> None:
    old, new = issue(LARCH_PHONES), issue(EDITED)
    text = f"""# our own questions
- id: trip
  kind: single
  question: May they on a trip?
  gold:
    larch:
      clauses: {{"{P}#1.2": 2}}
      stance: [permitted]
# the other one
- id: morning
  kind: single
  question: And in the morning?
  gold:
    larch:
      clauses: {{"{P}#1.1": 2}}
      stance: [required]
"""
    cases = suite(text.rstrip("\n"), name="cases.yaml")
    write_suite(cases, follow(cases, proposals(cases, {old.checksum: old}, old.checksum, new), {}), new.checksum)
    assert gold(cases.folder, "trip") == {f"{P}#1.3": 2}
    assert gold(cases.folder, "morning") == {f"{P}#1.1": 2}
    trip = load_suite(cases.folder).cases[0]
    start, end = text.index("- id: trip"), text.index("# the other one")
    assert (cases.folder / "cases.yaml").read_text("utf-8") == f"{text[:start]}- {case_line(trip)}\n{text[end:]}"


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_an_indented_list_keeps_its_indent_line_ends_and_mark(
    ending: str, mark: str, suite: Callable[..., Suite], issue: Callable[[str], Catalogue]
) -> None:
    old, new = issue(LARCH_PHONES), issue(EDITED)
    cases = suite(case("trip", {f"{P}#1.2": 2}))
    (cases.folder / "cases.jsonl").unlink()
    lines = [f"  - {case('trip', {f'{P}#1.2': 2})}", "", f"  - {case('morning', {f'{P}#1.1': 2})}", f"  - {case('late', {f'{P}#1.2': 2})}", ""]
    path = cases.folder / "cases.yaml"
    path.write_bytes((mark + ending.join(lines)).encode())
    cases = load_suite(cases.folder)
    write_suite(cases, follow(cases, proposals(cases, {old.checksum: old}, old.checksum, new), {}), new.checksum)
    trip, _, late = load_suite(cases.folder).cases
    wanted = [f"  - {case_line(trip)}", "", lines[2], f"  - {case_line(late)}", ""]
    assert path.read_bytes() == (mark + ending.join(wanted)).encode()
    assert dict(late.gold["larch"].qrels) == {f"{P}#1.3": 2}


def test_cases_that_share_parts_are_refused_and_left_alone(suite: Callable[..., Suite], issue: Callable[[str], Catalogue]) -> None:
    old, new = issue(LARCH_PHONES), issue(EDITED)
    text = f"""- id: trip
  kind: single
  question: May they on a trip?
  gold: &rule
    larch: {{clauses: {{"{P}#1.2": 2}}, stance: [permitted]}}
- id: journey
  kind: single
  question: And on a journey?
  gold: *rule
"""
    cases = suite(text.rstrip("\n"), name="cases.yaml")
    changed = follow(cases, proposals(cases, {old.checksum: old}, old.checksum, new), {})
    with pytest.raises(BadSuite, match=r"cases that share parts"):
        write_suite(cases, {"trip": changed["trip"]}, new.checksum)
    assert (cases.folder / "cases.yaml").read_text("utf-8") == text
    assert noted(cases.folder) is None


def test_an_index_that_is_not_at_hand_is_asked_for(suite: Callable[..., Suite], issue: Callable[[str], Catalogue]) -> None:
    new = issue(EDITED)
    with pytest.raises(BadSuite, match=r"names larch/phones#1\.2, and found no snapshot 0000.*--old"):
        proposals(suite(case("trip", {f"{P}#1.2": 2})), {new.checksum: new}, "0" * 64, new)
    with pytest.raises(BadSuite, match=r"names larch/phones#9, which the index .* does not hold"):
        proposals(suite(case("trip", {f"{P}#9": 2})), {new.checksum: new}, new.checksum, new)


def test_a_note_that_is_none_is_bad(tmp_path: Path) -> None:
    assert noted(tmp_path) is None
    (tmp_path / NOTE).write_text("[]", "utf-8")
    with pytest.raises(BadSuite, match=r"anchored\.json: found no fingerprint"):
        noted(tmp_path)


def test_nine_tenths_of_the_sample_suite_follow_a_renumbered_policy(tmp_path: Path, words: WordsEncoder) -> None:
    """A section is put before all others of three policies, and their sections renumbered; a handful of words change."""
    corpus = tmp_path / "corpus"
    shutil.copytree(ROOT / "corpus", corpus)
    old = build(load_corpus(corpus, MAX_BYTES), words, tmp_path / "old").index  # type: ignore[arg-type]
    for path, word in (
        ("thornbeck-high/mobile-devices-policy.md", "It shall be taken off"),
        ("limekiln-bank/mobile-devices-policy.txt", ""),
        ("samphire-road/online-safety-policy.txt", ""),
    ):
        text = renumbered((corpus / path).read_text("utf-8"))
        assert word in text
        (corpus / path).write_text(text.replace(word, "It should be taken off") if word else text, "utf-8")
    new = build(load_corpus(corpus, MAX_BYTES), words, tmp_path / "new").index  # type: ignore[arg-type]
    cases = load_suite(ROOT / "evals" / "sample")
    edited = {"thornbeck-high/mobile-devices-policy", "limekiln-bank/mobile-devices-policy", "samphire-road/online-safety-policy"}
    every = proposals(cases, {"0" * 64: old}, "0" * 64, new)
    found = [p for p in every if p.anchor.old.partition("#")[0] in edited]
    sure = [p for p in found if p.anchor.sure]
    assert len(found) >= 30
    assert len(sure) / len(found) >= 0.9
    assert sum(p.anchor.how == "moved" for p in sure) >= 20
    for proposal in sure:  # the words, by way of the two indexes and not of the anchor
        (went,) = proposal.anchor.new
        assert body(old, proposal.anchor.old).split() == body(new, went).split()
    waiting = follow(cases, every, {})
    assert {c for p in found if not p.anchor.sure for c in p.cases} == {c for c, case in waiting.items() if case.waits}
    assert "thornbeck-high/mobile-devices-policy#4.2" in {p.named for p in found if not p.anchor.sure}


def renumbered(text: str) -> str:
    """Every number at the head of a line, "3", "3." or "3.1", goes up by one in its first part."""
    lines = []
    for line in text.split("\n"):
        head, mark, rest = line.partition(line.lstrip("# *")) if line.strip("# *") else (line, "", "")
        number = mark.split(".")[0].split(" ")[0]
        up = number.isdigit() and len(number) < 3 and (mark[len(number) :].startswith((".", " ")))
        lines.append(f"{head}{int(number) + 1}{mark[len(number) :]}{rest}" if up else line)
    return "\n".join(lines)


def body(index: object, clause: str) -> str:
    place = index.clause[clause]  # type: ignore[attr-defined]
    return place.body.of(index.document[place.document].text)  # type: ignore[attr-defined]
