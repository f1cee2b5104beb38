"""The five real policies, trap by trap. Clauses are named by id; the schools' sentences stay out of this file."""

from __future__ import annotations

import json
import os
import re
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from clausewise.clauses import parse
from clausewise.documents import load_corpus
from clausewise.passages import passages
from clausewise.types import Block, Clause, Document, Passage, School

POLICIES = Path(__file__).parents[2] / "shared" / "policies"
GOLDEN = Path(__file__).parent / "golden"
SCHOOLS = ("coast-academies", "corbets-tey", "pear-tree", "primary-advantage", "wybunbury-delves")


class Policy:
    """One school's policy, read once."""

    def __init__(self, school: School, document: Document) -> None:
        self.school, self.document, self.text = school, document, document.text
        self.clauses: tuple[Clause, ...] = parse(document)
        self.passages: list[Passage] = passages(document, self.clauses)
        self.by_place = {place(clause.id): clause for clause in self.clauses}

    def __getitem__(self, where: str) -> Clause:
        return self.by_place[where]

    def places(self, kind: str | None = None) -> list[str]:
        return [place(clause.id) for clause in self.clauses if kind in (None, clause.kind)]

    def below(self, where: str) -> list[str]:
        return [p for p in self.places("item") if re.fullmatch(re.escape(where) + r"/\d+", p)]

    def leads(self, where: str) -> list[str]:
        return [place(i) for i in self[where].lead_in_ids]

    def body(self, where: str) -> str:
        return self[where].body.of(self.text)

    def block(self, where: str) -> Block:
        return next(block for block in self.document.blocks if block.start == self[where].span.start)

    def gap(self, before: str, after: str) -> str:
        return self.text[self[before].span.end : self[after].span.start]

    def of(self, where: str) -> list[Passage]:
        return [p for p in self.passages if place(p.clause) == where]


def place(clause_id: str) -> str:
    return clause_id.partition("#")[2]


@cache
def all_policies() -> dict[str, Policy]:
    corpus = load_corpus(POLICIES, 10**8)
    assert corpus.failures == ()
    schools = {school.id: school for school in corpus.schools}
    return {document.school: Policy(schools[document.school], document) for document in corpus.documents}


def policy(school: str) -> Policy:
    if not POLICIES.is_dir():
        pytest.skip(f"the five schools' policies are not at {POLICIES}")
    return all_policies()[school]


@pytest.fixture
def corbets() -> Policy:
    return policy("corbets-tey")


@pytest.fixture
def wybunbury() -> Policy:
    return policy("wybunbury-delves")


@pytest.fixture
def primary() -> Policy:
    return policy("primary-advantage")


@pytest.fixture
def coast() -> Policy:
    return policy("coast-academies")


@pytest.fixture
def pear() -> Policy:
    return policy("pear-tree")


def stated(found: Policy) -> list[tuple[str, str]]:
    return [(d.role, d.text) for d in found.document.dates]


def folded(words: str) -> str:
    return " ".join(words.split()).rstrip(".")


# every policy


@pytest.mark.parametrize("school", SCHOOLS)
def test_clauses_tile_the_policy(school: str) -> None:
    found, end = policy(school), 0
    for clause in found.clauses:
        assert end <= clause.span.start <= clause.body.start < clause.body.end <= clause.span.end
        assert not found.text[end : clause.span.start].strip()
        end = clause.span.end
    assert not found.text[end:].strip()


@pytest.mark.parametrize("school", SCHOOLS)
def test_the_canonical_text_is_the_file(school: str) -> None:
    found = policy(school)
    assert found.text == (POLICIES / found.document.path).read_text("utf-8")


@pytest.mark.parametrize("school", SCHOOLS)
def test_ids_are_unique_and_of_the_one_document(school: str) -> None:
    found = policy(school)
    assert len(found.by_place) == len(found.clauses)
    assert {clause.id.partition("#")[0] for clause in found.clauses} == {f"{school}/social-media-policy"}


@pytest.mark.parametrize("school", SCHOOLS)
def test_an_items_id_is_its_parents_and_an_ordinal(school: str) -> None:
    found = policy(school)
    for where in found.places("item"):
        parent = where.rpartition("/")[0]
        assert parent in found.by_place
        assert found.leads(where)[-1:] in ([parent], [])


@pytest.mark.parametrize("school", SCHOOLS)
def test_passages_lie_in_their_clauses_and_begin_and_end_on_words(school: str) -> None:
    found = policy(school)
    for passage in found.passages:
        body, words = found[place(passage.clause)].body, passage.span.of(found.text)
        assert body.start <= passage.span.start < passage.span.end <= body.end
        assert words == words.strip()
        assert re.search(r"\w", words)


@pytest.mark.parametrize("school", SCHOOLS)
def test_no_lead_in_that_ends_on_a_colon_is_a_passage(school: str) -> None:
    found = policy(school)
    assert [place(p.clause) for p in found.passages if p.span.of(found.text).endswith(":") and found[place(p.clause)].kind != "row"] == []


@pytest.mark.parametrize(
    ("school", "name"),
    [
        ("coast-academies", "Coast Academies"),
        ("corbets-tey", "Corbets Tey School"),
        ("pear-tree", "Pear Tree Primary School"),
        ("wybunbury-delves", "Wybunbury Delves C of E Primary School"),
        ("primary-advantage", "Primary Advantage"),
    ],
)
def test_the_policy_names_its_school(school: str, name: str) -> None:
    assert policy(school).school.name == name


@pytest.mark.parametrize("school", ["coast-academies", "pear-tree", "wybunbury-delves"])
def test_a_policy_that_states_no_date_has_none(school: str) -> None:
    assert policy(school).document.dates == ()


# corbets-tey


def test_corbets_the_title_table_is_rows_with_tabs(corbets: Policy) -> None:
    assert corbets.places()[:5] == ["preamble/1", "preamble/2", "preamble/3", "preamble/4", "social-media-policy"]
    assert corbets.places("row") == ["preamble/1", "preamble/2", "preamble/3", "preamble/4"]
    assert [len(corbets.block(where).cells) for where in corbets.places("row")] == [2, 2, 2, 2]
    assert stated(corbets) == [("reviewed", "11 November 2020"), ("next_review", "Spring 2022")]


def test_corbets_the_empty_signature_is_no_part_of_what_may_be_quoted(corbets: Policy) -> None:
    row = corbets["preamble/4"]
    assert corbets.text[row.body.end : row.span.end].split() == ["Governor", "Signature:"]
    assert len(corbets.body("preamble/4").split()) == 6


def test_corbets_sections_are_numbered_with_a_nought(corbets: Policy) -> None:
    tops = [where for where in corbets.places("heading") if where.endswith(".0")]
    assert tops == [f"{n}.0" for n in range(1, 9)]
    assert all(corbets[where].headings == () and corbets[where].number == where for where in tops)


def test_corbets_clauses_are_numbered_inline(corbets: Policy) -> None:
    counts = {"1": 2, "2": 3, "3": 4, "4": 2, "5": 7, "6": 1, "7": 3, "8": 1}
    assert [c.number for c in corbets.clauses if c.kind == "clause" and c.number] == [
        f"{s}.{n + 1}" for s, of in counts.items() for n in range(of)
    ]
    for clause in corbets.clauses:
        if clause.kind == "clause" and clause.number:
            assert len(clause.headings) == 1
            assert clause.headings[0].startswith(f"{clause.number[0]}.0 ")
            assert clause.body.start == clause.span.start + 4


@pytest.mark.parametrize(("lead", "items"), [("1.2", 2), ("3.4", 5), ("5.1", 7), ("6.2", 4), ("6.3", 4), ("6.4", 4)])
def test_corbets_bullets_hang_from_their_numbered_lead_in(corbets: Policy, lead: str, items: int) -> None:
    assert corbets.below(lead) == [f"{lead}/{n + 1}" for n in range(items)]
    assert all(corbets.leads(where)[-1] == lead for where in corbets.below(lead))
    assert all(corbets[where].number is None for where in corbets.below(lead))


def test_corbets_has_no_other_bullets(corbets: Policy) -> None:
    assert len(corbets.places("item")) == 26


def test_corbets_the_same_four_labels_stand_three_times(corbets: Policy) -> None:
    labels = {lead: [corbets.body(where).split()[0] for where in corbets.below(lead)] for lead in ("6.2", "6.3", "6.4")}
    assert labels["6.2"] == labels["6.3"] == labels["6.4"] == ["Commercial", "Aggressive", "Sexual", "Values"]
    assert len({p.span for lead in labels for where in corbets.below(lead) for p in corbets.of(where)}) == 12
    assert [corbets[f"6.{n}/1"].headings[-1] for n in (2, 3, 4)] == ["6.2 Contact", "6.3 Conduct", "6.4 Content"]


def test_corbets_a_blank_line_does_not_break_the_list(corbets: Policy) -> None:
    assert corbets.gap("6.4/2", "6.4/3") == "\n\n"
    assert corbets.gap("6.4/3", "6.4/4") == "\n"
    assert corbets.leads("6.4/3") == corbets.leads("6.4/2") == ["6.0/1", "6.4"]


def test_corbets_a_paragraph_between_two_numbered_clauses_leads_in_the_next_three(corbets: Policy) -> None:
    order = corbets.places()
    assert order[order.index("6.1") : order.index("6.1") + 3] == ["6.1", "6.0/1", "6.2"]
    assert corbets.leads("6.2") == corbets.leads("6.3") == corbets.leads("6.4") == ["6.0/1"]
    assert corbets.leads("6.3/2") == ["6.0/1", "6.3"]
    assert corbets.leads("6.1") == corbets.leads("7.0") == corbets.leads("7.1") == []
    assert corbets.of("6.0/1") == []


def test_corbets_two_bullets_read_wrongly_without_their_list(corbets: Policy) -> None:
    for where in ("5.1/4", "5.1/5"):
        assert corbets.leads(where) == ["5.1"]
        (lead,) = corbets[where].lead_ins
        assert lead == corbets["5.1"].body
        assert lead.of(corbets.text).endswith(" should:")
        (passage,) = corbets.of(where)
        assert " should: " in passage.text
    assert [corbets.body(f"5.1/{n}").split()[0] for n in (4, 5)] == ["Disclose", "Publish"]


# wybunbury-delves


def test_wybunbury_the_flow_chart_is_no_rule(wybunbury: Policy) -> None:
    assert wybunbury.places("chart") == [f"chart/{n + 1}" for n in range(10)]
    assert not any(wybunbury[where].answers or wybunbury.of(where) for where in wybunbury.places("chart"))
    assert wybunbury["1"].headings == ()
    assert len(wybunbury["1/1"].headings) == 1


def test_wybunbury_the_contents_are_no_clauses(wybunbury: Policy) -> None:
    assert wybunbury.places("contents") == [f"contents/{n + 1}" for n in range(8)]
    assert [wybunbury.body(where)[-1] for where in wybunbury.places("contents")[1:]] == ["4", "4", "4", "4", "5", "6", "7"]
    assert wybunbury.places("heading") == ["1", "2", "3", "4", "5", "6", "6.1", "6.2", "7"]
    assert not any("~" in where for where in wybunbury.places())


def test_wybunbury_blank_approval_cells_state_nothing(wybunbury: Policy) -> None:
    assert wybunbury.places("signature") == ["signature/1"]
    assert len(wybunbury.block("signature/1").cells) == 3
    assert wybunbury.of("signature/1") == []
    assert wybunbury.document.stated("next_review") is None


def test_wybunbury_section_six_has_the_title_of_the_body_not_of_the_contents(wybunbury: Policy) -> None:
    assert wybunbury.body("contents/7").split()[-2] == "school"
    for where in ("6/1", "6.1/1", "6.2/5"):
        assert wybunbury[where].headings[0].startswith("6. ")
        assert wybunbury[where].headings[0].endswith(" Delves")
    assert [wybunbury[where].headings[1][:3] for where in ("6.1/1", "6.2/5")] == ["6.1", "6.2"]


def test_wybunbury_doubled_bullet_markers_are_no_words(wybunbury: Policy) -> None:
    doubled = [where for where in wybunbury.places("item") if "·" in wybunbury.block(where).marker]
    assert doubled == ["2/1/5", "4/3/3"]
    assert all(wybunbury[where].body.start == wybunbury[where].span.start + 4 for where in doubled)
    assert not any("·" in wybunbury.body(where) for where in wybunbury.places("item"))


def test_wybunbury_bold_asterisks_stay_out_of_the_quote(wybunbury: Policy) -> None:
    assert wybunbury.text.count("**") == 2
    first, second = wybunbury.of("3/1")
    assert wybunbury.text[second.span.start - 2 : second.span.start] == wybunbury.text[second.span.end : second.span.end + 2] == "**"
    assert "*" not in first.span.of(wybunbury.text) + second.span.of(wybunbury.text)


def test_wybunbury_two_bullets_wrap(wybunbury: Policy) -> None:
    assert wybunbury.below("5/1") == [f"5/1/{n + 1}" for n in range(13)]
    wrapped = {where: wybunbury.body(where).count("\n") for where in wybunbury.places("item") if "\n" in wybunbury.body(where)}
    assert wrapped == {"5/1/10": 2, "5/1/12": 2}
    assert [len(wybunbury.of(where)) for where in wrapped] == [1, 2]


def test_wybunbury_a_list_goes_on_behind_the_page_break(wybunbury: Policy) -> None:
    assert wybunbury.gap("4/3/3", "4/3/4").count("\n") > 2
    assert wybunbury.below("4/3") == [f"4/3/{n + 1}" for n in range(6)]
    assert [wybunbury.leads(f"4/3/{n + 1}") for n in range(6)] == [["4/3"]] * 6
    assert wybunbury.leads("4/4") == []


def test_wybunbury_a_finished_paragraph_leads_no_list_in(wybunbury: Policy) -> None:
    assert wybunbury.below("6.1") == [f"6.1/{n}" for n in range(2, 9)]
    assert [wybunbury.leads(where) for where in wybunbury.below("6.1")] == [[]] * 7


# primary-advantage


def test_primary_the_contents_table_is_no_rule(primary: Policy) -> None:
    entries = primary.places("contents")
    assert entries == [f"contents/{n + 1}" for n in range(18)]
    pages = [int(re.findall(r"\d+", primary.body(where))[-1]) for where in entries[3:]]
    assert pages == [3, 3, 3, 4, 3, 4, 4, 5, 5, 6, 6, 6, 7, 8, 9]
    assert not any(primary.of(where) for where in entries)


def test_primary_sections_stand_level_however_they_are_marked(primary: Policy) -> None:
    numbered = [where for where in primary.places("heading") if where.isdigit()]
    assert numbered == [str(n + 1) for n in range(14)]
    assert {primary[where].headings for where in numbered} == {()}
    assert [primary.block(where).level for where in ("9", "10", "11", "12", "14")] == [2, 4, 4, 2, 4]
    assert not any("*" in primary.body(where) or "#" in primary.body(where) for where in numbered)


def test_primary_lesser_headings_stand_within_their_section(primary: Policy) -> None:
    for where, number in (("what-is-social-media", "6"), ("connecting-with-pupils-through-apps", "12")):
        assert len(primary[where].headings) == 1
        assert primary[where].headings[0].startswith(f"{number}. ")
        assert len(primary[f"{where}/1"].headings) == 2
    assert primary["13/1"].headings[0].startswith("13. ")


def test_primary_every_clause_of_a_section_has_its_heading(primary: Policy) -> None:
    counts = {"1": 3, "2": 1, "3": 3, "4": 1, "5": 3, "7": 3, "8": 10, "9": 9, "10": 5, "11": 2, "12": 2, "13": 6, "14": 4}
    for number, count in counts.items():
        children = [w for w in primary.places() if re.fullmatch(rf"{number}/\d+", w)]
        assert children == [f"{number}/{n + 1}" for n in range(count)]
        assert all(primary[w].headings[0].startswith(f"{number}. ") and len(primary[w].headings) == 1 for w in children)


def test_primary_a_footnote_and_a_rule_do_not_part_a_heading_from_its_paragraph(primary: Policy) -> None:
    order = primary.places()
    assert order[order.index("4") : order.index("4") + 5] == ["4", "furniture/1", "footnote/1", "4/1", "5"]
    assert [primary[where].kind for where in ("4", "furniture/1", "footnote/1", "4/1")] == ["heading", "furniture", "footnote", "clause"]
    assert primary["4/1"].headings == primary["footnote/1"].headings != ()
    assert primary["footnote/1"].answers


def test_primary_a_raised_number_does_not_part_its_sentence(primary: Policy) -> None:
    assert len(primary.of("1/3")) == 4
    marked = [p.span.of(primary.text) for p in primary.of("1/3") if "<sup>" in p.span.of(primary.text)]
    assert [words.count("</sup>") for words in marked] == [1]
    assert not marked[0].startswith("<")
    assert marked[0].endswith(".")


def test_primary_a_section_that_only_the_contents_name_is_not_there(primary: Policy) -> None:
    assert "15. " in primary.body("contents/18")
    assert "15" not in primary.by_place
    assert not any(heading.startswith("15") for clause in primary.clauses for heading in clause.headings)


def test_primary_the_closing_table_stands_apart(primary: Policy) -> None:
    order = primary.places()
    assert order[-8:] == ["furniture/2", "furniture/3", *(f"document-control/{n + 1}" for n in range(6))]
    assert primary.places("row") == [f"document-control/{n + 1}" for n in range(4)]
    assert {primary[where].headings for where in order[-6:]} == {()}
    assert [primary.leads(where) for where in primary.places("row")] == [[]] * 4


def test_primary_a_break_within_a_cell_parts_two_dates(primary: Policy) -> None:
    cell = primary.block("document-control/2").cells[1].of(primary.text)
    assert cell.count("<br>") == 1
    assert stated(primary) == [
        ("written", "October 2012"),
        ("amended", "November 2015"),
        ("amended", "October 2018"),
        ("approved", "October 2018"),
        ("next_review", "October 2021"),
    ]


def test_primary_a_blank_line_does_not_break_the_list(primary: Policy) -> None:
    assert primary.gap("9/2", "9/3") == "\n\n"
    assert [primary[f"9/{n + 1}"].kind for n in range(9)] == ["item"] * 9


# coast-academies


def test_coast_nothing_is_numbered(coast: Policy) -> None:
    assert {clause.number for clause in coast.clauses} == {None}


def test_coast_three_headings_begin_alike(coast: Policy) -> None:
    alike = [where for where in coast.places("heading") if where.startswith("monitoring")]
    assert alike == ["monitoring", "monitoring-posts-about-the-school", "monitoring-of-public-social-media"]
    assert [len(coast[f"{where}/1"].headings) for where in alike] == [1, 1, 1]
    assert len({coast[f"{where}/1"].headings for where in alike}) == 3


def test_coast_one_heading_stands_twice(coast: Policy) -> None:
    assert [where for where in coast.places("heading") if where.startswith("personal-use")] == ["personal-use", "personal-use~2"]
    assert coast["personal-use~2"].span.start > coast["personal-use"].span.end
    assert [len(coast.below(where)) for where in ("personal-use", "personal-use~2")] == [3, 2]


@pytest.mark.parametrize(
    ("places", "wordings"),
    [
        (("scope/5", "personal-use/1/1", "personal-use~2/1"), 2),
        (("scope/6", "personal-use/1/2", "personal-use~2/2"), 1),
        (("monitoring-posts-about-the-school/1", "monitoring-of-public-social-media/1"), 1),
        (("monitoring-posts-about-the-school/2", "monitoring-of-public-social-media/2"), 1),
    ],
)
def test_coast_clauses_that_are_repeated_keep_their_own_places(coast: Policy, places: tuple[str, ...], wordings: int) -> None:
    assert len({folded(coast.body(where)) for where in places}) == wordings
    found = [p for where in places for p in coast.of(where)]
    assert {place(p.clause) for p in found} == set(places)
    assert all(a.span.end <= b.span.start for a, b in pairwise(sorted(found, key=lambda p: p.span)))
    assert len({coast[where].headings for where in places}) == len(places)


def test_coast_nested_bullets_hang_from_a_bold_actor(coast: Policy) -> None:
    actors = {
        where: coast.body(where)
        for where in coast.places("item")
        if coast.block(where).level == 0 and coast.text[coast[where].body.end :].startswith("**")
    }
    assert list(actors) == [*(f"roles-responsibilities/{n}" for n in (1, 2, 3)), *(f"personal-use/{n}" for n in (1, 2, 3))]
    assert [actors[f"personal-use/{n}"] for n in (1, 2, 3)] == ["Staff", "Pupil/Pupils", "Parents/Carers"]
    assert [len(coast.below(where)) for where in actors] == [4, 2, 3, 3, 3, 3]
    for where, actor in actors.items():
        assert coast.of(where) == []
        assert all(coast.leads(below) == [where] for below in coast.below(where))
        assert all(f". {actor} " in p.text for below in coast.below(where) for p in coast.of(below))


def test_coast_a_list_is_split_after_its_first_bullet(coast: Policy) -> None:
    assert [coast.gap("tone/1/1", "tone/1/2"), coast.gap("tone/1/2", "tone/1/3")] == ["\n\n", "\n"]
    assert [coast.leads(where) for where in coast.below("tone/1")] == [["tone/1"]] * 4


def test_coast_curly_and_straight_quotes_stay_as_they_are(coast: Policy) -> None:
    assert {mark: mark in coast.text for mark in "’'“"} == {"’": True, "'": True, "“": True}
    assert coast.body("managing-your-personal-use-of-social-media/1").startswith("“")
    assert "’" in coast.body("the-donts/1")
    assert "'" in coast.body("scope/1")


def test_coast_blank_document_control_states_nothing(coast: Policy) -> None:
    assert coast.places("signature") == ["signature/1"]
    assert coast.of("signature/1") == []


def test_coast_the_introduction_is_no_document_control(coast: Policy) -> None:
    order = coast.places()
    assert order[order.index("scope") - 2 : order.index("scope")] == ["preamble/1", "preamble/2"]


def test_coast_sister_headings_have_one_path(coast: Policy) -> None:
    assert coast["the-dos/1"].headings[:-1] == coast["the-donts/1"].headings[:-1]


# pear-tree

CAPACITY = "social-media-in-a-personal-capacity/1"


def test_pear_has_no_title_line(pear: Policy) -> None:
    assert pear.places("title") == []
    assert pear.document.title == "Social media policy"


def test_pear_has_no_numbers_though_one_is_printed_five_times(pear: Policy) -> None:
    assert [where for where in pear.places("item") if pear.block(where).marker == "1."] == [f"{CAPACITY}/{n + 1}" for n in range(5)]
    assert {clause.number for clause in pear.clauses} == {None}


def test_pear_sub_bullets_carry_two_lead_ins(pear: Policy) -> None:
    counts = [len(pear.below(outer)) for outer in pear.below(CAPACITY)]
    assert counts == [4, 2, 3, 2, 4]
    for outer in pear.below(CAPACITY):
        assert pear.leads(outer) == [CAPACITY]
        assert [pear.leads(inner) for inner in pear.below(outer)] == [[CAPACITY, outer]] * len(pear.below(outer))


def test_pear_the_outer_lead_in_is_its_last_sentence_alone(pear: Policy) -> None:
    first, second = pear[f"{CAPACITY}/3/1"].lead_ins
    assert first.end == pear[CAPACITY].body.end
    assert first.of(pear.text).endswith(" not:")
    assert len(first.of(pear.text).split()) == 14
    assert second == pear[f"{CAPACITY}/3"].body


def test_pear_an_outer_item_is_no_passage_of_its_own(pear: Policy) -> None:
    assert [pear.of(outer) for outer in pear.below(CAPACITY)] == [[]] * 5
    assert len(pear.of(CAPACITY)) == 3


def test_pear_a_list_that_ends_on_or_leaves_it_behind(pear: Policy) -> None:
    clause = pear[f"{CAPACITY}/4/2"]
    assert clause.span.of(pear.text).endswith("; or")
    assert clause.body.end == clause.span.end - len("; or")
    ends = {pear.body(where)[-1] for where in pear.places("item")}
    assert not ends & set(";,")


def test_pear_a_bookmark_is_no_part_of_the_rule(pear: Policy) -> None:
    clause = pear["personal-use-of-social-media-at-work/3"]
    assert clause.span.of(pear.text).startswith("[")
    assert pear.body("personal-use-of-social-media-at-work/3").startswith("Phones")
    assert "[" not in pear.body("personal-use-of-social-media-at-work/3")
    assert len(pear.of("personal-use-of-social-media-at-work/3")) == 3


def test_pear_spaces_that_do_not_break_stay_in_the_quote_and_not_in_what_is_embedded(pear: Policy) -> None:
    holding = [p for p in pear.passages if "\u00a0" in p.span.of(pear.text)]
    assert "\u00a0" in pear.text
    assert holding
    assert not any("\u00a0" in p.text for p in pear.passages)


def test_pear_a_paragraph_begins_after_a_missing_full_stop(pear: Policy) -> None:
    first, second = (f"personal-use-of-social-media-at-work/{n}" for n in (1, 2))
    assert pear.gap(first, second) == "\n"
    assert pear.body(first)[-1].isalpha()
    assert [len(pear.of(where)) for where in (first, second)] == [2, 3]


def test_pear_capitals_stand_above_the_other_headings(pear: Policy) -> None:
    below = [w for w in pear.places("heading") if pear[w].headings]
    assert {pear[w].headings for w in below} == {("SOCIAL MEDIA",)}
    assert below == [
        "definition-of-social-media",
        "personal-use-of-social-media-at-work",
        "social-media-in-a-personal-capacity",
        "security-and-identity-theft",
        "defamatory-statements",
        "libellous-statements",
    ]


# golden files: where everything stands, without a word of it


def golden(found: Policy) -> list[dict[str, object]]:
    return [
        {
            "id": place(clause.id),
            "kind": clause.kind,
            "number": clause.number,
            "span": [clause.span.start, clause.span.end],
            "body": [clause.body.start, clause.body.end],
            "lead_in_ids": [place(i) for i in clause.lead_in_ids],
            "headings": len(clause.headings),
        }
        for clause in found.clauses
    ]


@pytest.mark.parametrize("school", SCHOOLS)
def test_golden(school: str, request: pytest.FixtureRequest) -> None:
    """After a change that is meant: `pytest --regenerate-golden tests/test_traps.py`, then read the difference."""
    found, path = golden(policy(school)), GOLDEN / f"{school}.json"
    if request.config.getoption("--regenerate-golden") and not os.environ.get("CI"):
        GOLDEN.mkdir(exist_ok=True)
        path.write_text("[\n" + ",\n".join(json.dumps(row) for row in found) + "\n]\n", "utf-8")
    assert found == json.loads(path.read_text("utf-8"))


def test_golden_files_are_never_written_in_ci(request: pytest.FixtureRequest) -> None:
    assert not (os.environ.get("CI") and request.config.getoption("--regenerate-golden")), (
        "golden files are regenerated by hand and read before they land"
    )
