"""The Documents pages: what they say of reviews, kinds, versions and files, and how a policy is added in a browser."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from datetime import date
from html import unescape
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from conftest import LARCH_DOGS, MAX_BYTES, ROOT, WordsEncoder, write
from made import SOMEBODY, opened
from serving import serving
from test_web_evaluation import told

from clausewise.building import build
from clausewise.catalogue.file import File
from clausewise.documents import load_corpus
from clausewise.index import Index, load
from clausewise.store import Store
from clausewise.types import School
from clausewise.web import desk as rooms
from clausewise.web import documents
from clausewise.web.desk import Desk, Progress
from clausewise.web.documents import Room, as_words
from clausewise.web.register import register
from clausewise.web.server import create_app
from clausewise.web.templates import BROKEN

NASTY = "<script>window.hacked = 1</script> \"&' ${7*7} {{7*7}}"
PHONES = (
    "# Mobile Phone Policy\n\nApproved by governors: 1 May {}. Next review: May {}.\n\n1.1 Pupils {} hand their phones to the office.\n\n"
)
CORPUS = {
    "larch/phones.md": PHONES.format(2024, 2025, "must"),
    "larch/dogs.md": LARCH_DOGS + "\nLast reviewed: 3 June 2026. Next review: 10 December 2026.\n",
    "larch/behaviour.md": "# Behaviour Policy\n\n1.1 Pupils walk in corridors. The next review is in March 2030.\n",
    "maple/phones-2020.md": PHONES.format(2020, 2021, "must") + "1.2 Smart watches count as phones.\n",
    "maple/phones.md": PHONES.format(2026, 2028, "should") + "1.2 Rings count as phones.\n\n1.3 Laptops stay in bags.\n",
    "maple/kites.md": "# Kite Flying Guidance\n\n1.1 Kites stay low. This policy is reviewed annually.\n",
    "maple/empty.txt": "",
    "stray.md": "# Stray Policy\n\nNo rule.\n",
}


class Today(date):
    @classmethod
    def today(cls) -> Today:
        return cls(2026, 11, 21)


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "date", Today)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return write(tmp_path / "corpus", CORPUS)


def desk_of(corpus: Path, index: Path) -> Desk:
    build(load_corpus(corpus, MAX_BYTES), WordsEncoder(), index)  # type: ignore[arg-type]
    return Desk(opened(index), corpus, index)


@pytest.fixture
def desk(corpus: Path, tmp_path: Path) -> Desk:
    return desk_of(corpus, tmp_path / "indexes" / "small")


@pytest.fixture(scope="module")
def fictional(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Over the sample corpus, which has PDF files."""
    return desk_of(ROOT / "corpus", tmp_path_factory.mktemp("indexes") / "sample")


@pytest.fixture
def room(desk: Desk) -> Room:
    return Room(desk)


def html_of(room: Room, path: str = "", status: int = 200, **asked: str) -> str:
    found, html = room.answer(path, asked, SOMEBODY, "")
    assert found == status
    return html


def part(html: str, name: str) -> str:
    """The words of the section of that heading's id."""
    section = html[html.index(f'<section aria-labelledby="{name}">') :]
    return told("<body>" + section[: section.index("</section>")])


def policies(html: str) -> list[str]:
    """The ids of the policies of the reviews, in order."""
    return re.findall(r'<h4><a href="/policies/([^"]+)"', html)


# reviews


def test_policies_are_counted_by_the_state_of_their_review(room: Room) -> None:
    said = part(html_of(room), "reviews")
    assert said.startswith("Reviews 1 ! Overdue 1 ◐ Due soon 1 – No date stated 2 ✓ Later 1 · Superseded “Due soon” is within 28 days.")
    assert "6 policies of 2 schools, with what each file states of itself. Today is 21 November 2026." in told(html_of(room))


def test_the_longest_overdue_stand_first_and_the_superseded_last(room: Room) -> None:
    html = html_of(room)
    order = ["larch/phones", "larch/dogs", "maple/kites", "maple/phones", "larch/behaviour", "maple/phones-2020"]
    assert policies(html) == order
    heads = [told("<body>" + head) for head in re.findall(r'<h3 id="state-[^>]*>(.*?)</h3>', html)]
    assert heads == [
        "! Overdue: 1 policy",
        "◐ Due soon: 1 policy",
        "– No date stated: 1 policy",
        "✓ Later: 2 policies",
        "· Superseded: 1 policy",
    ]


def test_each_date_stands_with_its_line_or_is_not_stated(room: Room) -> None:
    said = part(html_of(room), "reviews")
    line = "Approved by governors: 1 May 2024. Next review: May 2025."
    assert (
        "Mobile Phone Policy Larch Next review May 2025: overdue by 1 year 5 months (539 days) "
        f"Approved 1 May 2024 {line} Last review not stated Next review May 2025 {line}" in said
    )
    line = "Last reviewed: 3 June 2026. Next review: 10 December 2026."
    assert f"Approved not stated Last review 3 June 2026 {line} Next review 10 December 2026 {line}" in said
    kites = said[said.index("Kite Flying") : said.index("✓ Later: 2")]
    assert kites.startswith(
        "Kite Flying Guidance Maple No next review date stated; cycle stated: annually "
        "Approved not stated Last review not stated Next review not stated Review cycle annually 1.1 Kites stay low."
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("| Review date | October 2021 |", "Review date: October 2021"),
        ("| Version | 2 | Review date |\n| --- | --- | --- |\n| Next | May 2026 |", "Version · 2 · Review date Next: May 2026"),
        ("  Next review:\nMay 2026.", "Next review: May 2026."),
    ],
)
def test_a_line_of_a_table_is_told_in_words(line: str, said: str) -> None:
    assert as_words(line) == said


def test_a_date_has_its_page_where_there_are_pages(fictional: Desk) -> None:
    html = html_of(Room(fictional), school="harbour-lane")
    assert "It was approved on 12 March 2026 and will next be reviewed in March 2027. page 4" in part(html, "reviews")


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"school": "larch"}, ["larch/phones", "larch/dogs", "larch/behaviour"]),
        ({"state": "later"}, ["maple/phones", "larch/behaviour"]),
        ({"school": "maple", "state": "superseded"}, ["maple/phones-2020"]),
        ({"school": "maple", "state": "overdue"}, []),
        (
            {"school": "", "state": ""},
            ["larch/phones", "larch/dogs", "maple/kites", "maple/phones", "larch/behaviour", "maple/phones-2020"],
        ),
    ],
)
def test_the_address_chooses_school_and_state(room: Room, asked: dict[str, str], found: list[str]) -> None:
    html = html_of(room, **asked)
    assert policies(html) == found
    assert ("No policy is in this state." in html) == (not found)
    for name in ("school", "state"):
        options = re.findall(rf'<select id="{name}".*?</select>', html, re.S)[0]
        assert re.findall(r'value="([^"]*)" selected', options) == [asked.get(name, "")]


def test_a_school_chosen_narrows_every_part_and_counts_go_on_being_links(room: Room) -> None:
    html = html_of(room, school="larch", state="overdue")
    assert "3 policies of Larch, with" in told(html)
    assert "/documents?school=larch&amp;state=later#reviews" in html
    assert '<th scope="col">Maple</th>' not in html
    assert "maple/kites.md" not in part(html, "files")
    assert "maple/empty.txt" not in html
    assert "No policy here is superseded by another." in html


@pytest.mark.parametrize(("what", "found"), [("school", "oak"), ("state", "late"), ("school", NASTY), ("state", "has")])
def test_what_is_not_there_is_one_line_above_everything(room: Room, what: str, found: str) -> None:
    html = html_of(room, status=404, **{what: found})
    assert f"! There is no {what} “{found}” here, so all are shown." in told(html)
    assert len(policies(html)) == 6
    assert "window.hacked = 1</script>" not in html


# kinds


def test_statutory_kinds_stand_first_and_each_cell_is_told_in_words(room: Room) -> None:
    html = html_of(room)
    said = part(html, "kinds")
    first, other = (
        said.index("Statutory Child protection"),
        said.index("Not statutory, or only for some schools Social media – lacks – lacks"),
    )
    assert first < said.index("Behaviour ✓ has Behaviour Policy – lacks") < other
    assert other < said.index("Mobile phones and devices ! overdue Mobile Phone Policy ✓ has Mobile Phone Policy")
    assert (
        '<td class="dc-overdue"><span class="dc-said cw-prohibited"><span class="cw-mark" aria-hidden="true">!</span> overdue</span>'
        in html
    )
    assert '<a href="/policies/larch/phones">Mobile Phone Policy</a>' in html
    assert said.endswith("Of no such kind Dogs on Site Policy larch/dogs Kite Flying Guidance maple/kites")


# versions and files


def test_a_superseded_policy_leads_to_what_changed(room: Room) -> None:
    html = html_of(room)
    assert "What changed in Mobile Phone Policy, Maple: maple/phones-2020.md gave way to maple/phones" in part(html, "versions")
    assert html.count('href="/documents/changes?old=maple%2Fphones-2020&amp;new=maple%2Fphones"') == 2


def test_the_health_of_each_file_is_told(room: Room, desk: Desk) -> None:
    said = part(html_of(room), "files")
    characters = len(desk.whole.index.document["maple/kites"].text)
    assert f"Kite Flying Guidance maple/kites.md Markdown – {characters} 2 Nothing left out" in said
    assert "maple/phones-2020.md Markdown" in said
    assert "Superseded by maple/phones, so it answers nothing" in said


def test_what_was_left_out_of_a_file_is_told(fictional: Desk) -> None:
    said = part(html_of(Room(fictional), school="thornbeck-high"), "files")
    assert "thornbeck-high/online-safety-policy.pdf PDF 5 8,862 89 Left out 9 lines that run along the pages' edges: " in said
    assert 'Left out a table header that 1 page repeats: "Nature of Incident | Lead | First response"' in said


def test_files_that_could_not_be_read_stand_with_their_line(room: Room) -> None:
    said = part(html_of(room), "files")
    assert "! Not indexed: maple/empty.txt: this file is empty, where a policy was expected; replace it or remove it" in said
    assert "! Not indexed: stray.md: found outside any school's folder; move it into the folder of the school" in said
    assert "Not indexed" not in part(html_of(room, school="larch"), "files")
    assert "stray.md" not in part(html_of(room, school="maple"), "files")


def test_failures_are_kept_in_the_manifest_and_change_nothing_else(corpus: Path, tmp_path: Path, desk: Desk) -> None:
    for name in ("maple/empty.txt", "stray.md"):
        (corpus / name).unlink()
    other = desk_of(corpus, tmp_path / "indexes" / "other").whole.index
    index: Index = desk.whole.index
    assert [line.partition(": ")[0] for line in index.failures] == ["stray.md", str(corpus / "maple" / "empty.txt")]
    assert (other.failures, "unread" in other.manifest) == ((), False)
    assert {**index.manifest, "unread": None} == {**other.manifest, "unread": None}  # the checksum is the same
    assert load(desk.index, WordsEncoder()).failures == index.failures  # type: ignore[arg-type]


def test_long_lists_are_cut_and_say_so(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    of_many(monkeypatch)
    html = html_of(room)
    assert policies(html) == ["larch/phones", "larch/dogs", "maple/kites", "maple/phones", "maple/phones-2020"]
    said = told(html)
    assert "✓ Later: 2 policies" in said
    for what in ("2 policies", "6 files", "2 files that are not indexed"):
        assert f"The first 1 of {what} are shown; choose a school above to see all of its own." in said
    assert policies(html_of(room, school="larch")) == ["larch/phones", "larch/dogs", "larch/behaviour"]
    assert "are shown; choose a school" not in told(html_of(room, school="larch"))


def of_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """More than one policy, and more than one school, are many; of each list one policy is shown."""
    monkeypatch.setattr(documents, "MOST", 1)
    monkeypatch.setattr(documents, "FEW", 1)
    monkeypatch.setitem(documents._environment().globals, "SCHOOLS", 1)


def test_of_many_schools_it_is_counted_which_have_a_kind(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    of_many(monkeypatch)
    said = part(html_of(room), "kinds")
    assert "how many of the 2 schools have each Kind of policy Has Overdue Lacks Statutory Child protection" in said
    assert "Behaviour ✓ 1 ! 0 – 1 " in said
    assert "Mobile phones and devices ✓ 1 ! 1 – 0 " in said
    assert "Mobile phones and devices ! overdue Mobile Phone Policy" in part(html_of(room, school="larch"), "kinds")


@pytest.mark.parametrize(
    ("asked", "read"),
    [
        ({"state": "overdue"}, {"larch/phones", "larch/behaviour"}),  # the first overdue, and the first file
        ({"school": "larch"}, {"larch/phones", "larch/dogs", "larch/behaviour"}),
    ],
)
def test_no_text_is_read_but_of_what_is_shown(desk: Desk, monkeypatch: pytest.MonkeyPatch, asked: dict[str, str], read: set[str]) -> None:
    of_many(monkeypatch)
    ids, numbers, between = [document.id for document in desk.whole.documents], set[int](), File.between

    def noted(file: File, columns: str, table: str, rows: range) -> Any:
        numbers.update(rows if table == "texts" else ())
        return between(file, columns, table, rows)

    monkeypatch.setattr(File, "between", noted)
    html_of(Room(Desk(opened(desk.index), None, desk.index)), **asked)
    assert {ids[number] for number in numbers} == read


def test_all_schools_are_looked_through_once_a_day(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[date] = []
    monkeypatch.setattr(documents, "register", lambda catalogue, today: (made.append(today), register(catalogue, today))[1])
    assert html_of(room) == html_of(room)
    html_of(room, state="overdue")
    assert made == [Today.today()]
    monkeypatch.setattr(Today, "today", classmethod(lambda cls: cls(2026, 11, 22)))
    html_of(room)
    assert len(made) == 2


# changes


def changed(room: Room, old: str, new: str, status: int = 200) -> str:
    return html_of(room, "changes", status, old=old, new=new)


def test_weaker_duties_stand_first_with_words_gone_and_put_in(room: Room) -> None:
    html = changed(room, "maple/phones-2020", "maple/phones")
    assert re.findall(r'<h2 id="(\w+)"', html) == ["weakened", "reworded", "new", "choose"]
    said = part(html, "weakened")
    assert said == (
        "▼ Weaker duty: 1 Must became should earlier 1.1, later 1.1 "
        "Pupils [taken out: must ] [put in: should ] hand their phones to the office."
    )
    assert '<del><span class="ev-unseen">[taken out: </span>must<span class="ev-unseen">]</span></del>' in html
    assert '<ins><span class="ev-unseen">[put in: </span>should<span class="ev-unseen">]</span></ins>' in html
    assert (
        '<a href="/policies/maple/phones-2020#1.1"><code>1.1</code></a>, later <a href="/policies/maple/phones#1.1"><code>1.1</code>'
        in html
    )
    assert "none became weaker" not in html
    assert "Earlier Mobile Phone Policy, Maple maple/phones-2020.md Later Mobile Phone Policy, Maple maple/phones.md" in told(html)


def test_any_two_policies_can_be_compared(room: Room) -> None:
    html = changed(room, "maple/phones", "larch/dogs")
    assert "Of the rules that stand in both, none became weaker." in html
    assert '<a href="/policies/larch/dogs">Dogs on Site Policy</a>, Larch' in html
    assert "New: " in told(html)
    assert "Gone: " in told(html)
    for name, chosen in (("old", "maple/phones"), ("new", "larch/dogs")):
        options = re.findall(rf'<select id="choose-{name}".*?</select>', html, re.S)[0]
        assert re.findall(r'value="([^"]*)" selected', options) == [chosen]
        assert len(re.findall(r'<option value="[^"]+"', options)) == 6


def offered(html: str) -> list[str]:
    """The policies that can be chosen as the earlier one."""
    found = re.findall(r'<select id="choose-old".*?</select>', html, re.S)
    return re.findall(r'<option value="([^"]+)"', found[0]) if found else []


def test_among_many_policies_their_schools_are_chosen_first(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    of_many(monkeypatch)
    html = html_of(room, "changes")
    assert (offered(html), "<option value=\"larch\">Larch</option>" in html) == ([], True)
    assert offered(html_of(room, "changes", school="larch")) == ["larch/behaviour", "larch/dogs", "larch/phones"]
    both = html_of(room, "changes", school="larch", beside="maple")
    assert offered(both) == ["larch/behaviour", "larch/dogs", "larch/phones", "maple/kites", "maple/phones-2020", "maple/phones"]
    assert [told("<body>" + group) for group in re.findall(r'<select id="choose-(?:school|beside)".*?selected>(.*?)</option>', both, re.S)] == ["Larch", "Maple"]
    assert offered(changed(room, "maple/phones-2020", "maple/phones")) == ["maple/kites", "maple/phones-2020", "maple/phones"]
    assert "! There is no school “oak” here; choose one from the list." in told(html_of(room, "changes", 404, school="oak"))


def test_where_no_rule_changed_that_is_said(room: Room, corpus: Path, tmp_path: Path) -> None:
    write(corpus, {"larch/phones-too.md": CORPUS["larch/phones.md"]})
    html = changed(Room(desk_of(corpus, tmp_path / "indexes" / "too")), "larch/phones", "larch/phones-too")
    assert "No rule changed between the two." in html


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("maple/gone", "maple/phones", ["There is no policy “maple/gone” here; choose the earlier one from the list."]),
        ("maple/phones", NASTY, [f"There is no policy “{NASTY}” here; choose the later one from the list."]),
        ("maple/phones", "", ["Choose the later policy."]),
        ("", "maple/phones", ["Choose the earlier policy."]),
        ("maple/phones", "maple/phones", ["These are one and the same; choose two policies."]),
        ("../x", "y", ["There is no policy “../x” here; choose the earlier", "There is no policy “y” here; choose the later"]),
    ],
)
def test_what_cannot_be_compared_is_one_line_each(room: Room, old: str, new: str, said: list[str]) -> None:
    html = changed(room, old, new, 404)
    faults = re.findall(r'<p class="ev-fault">(.*?)</p>', html)
    assert [fault.startswith("! " + line) for fault, line in zip(map(told, (f"<body>{f}" for f in faults)), said, strict=True)] == [
        True
    ] * len(said)
    assert "window.hacked = 1</script>" not in html


def test_without_a_choice_the_page_asks_for_one(room: Room) -> None:
    html = html_of(room, "changes")
    assert "Choose two policies" in told(html)
    assert "ev-fault" not in html


def test_what_was_compared_once_is_kept(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    before = changed(room, "maple/phones-2020", "maple/phones")
    monkeypatch.setattr(documents, "changes", None)
    assert changed(room, "maple/phones-2020", "maple/phones") == before


# faults, and what others write


def test_there_is_nothing_elsewhere(room: Room) -> None:
    for path in ("nowhere", "changes/x", "../x", "%2e"):
        assert "Not found There is nothing at this address. All documents" in told(html_of(room, path, 404))


def test_a_fault_of_ours_is_a_plain_page(room: Room, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(documents, "register", None)
    html = html_of(room, "", 500)
    assert (BROKEN in html, "TypeError" in html) == (True, False)
    assert [record.message for record in caplog.records] == ["no page for /documents/''"]


def test_what_others_write_is_text(tmp_path: Path) -> None:
    name = "<b>Larch\" & '"
    corpus = write(
        tmp_path / "corpus",
        {
            "schools.toml": f"[schools.{json.dumps(name)}]\nname = {json.dumps(NASTY)}\n",
            f"{name}/{name}.md": f"# Phones {NASTY} Policy\n\nNext review {NASTY.replace('/', '')}: May 2025.\n\n1.1 You must {NASTY}.\n",
            f"{name}/phones-2.md": f"# Phones {NASTY} Policy\n\nApproved: May 2026\n\n1.1 You should {NASTY}.\n",
            f"{name}/<i>.md": "",
        },
    )
    desk = desk_of(corpus, tmp_path / "indexes" / "nasty")
    desk.progress = Progress("failed", NASTY)
    room = Room(desk)
    overview = html_of(room)
    assert overview.count("<script") == 2  # ours
    ids = [document.id for document in desk.whole.documents]
    for html in (overview, html_of(room, school=name), changed(room, ids[0], ids[1])):
        assert "window.hacked = 1</" not in html
        assert "<b>Larch" not in html
        assert NASTY in told(html)
    assert f"{name}/<i>.md: this file is empty" in told(overview)
    assert f'<option value="{name}"' in unescape(overview)


def test_a_policy_can_be_added_only_where_it_may_be(room: Room) -> None:
    may, may_not = room.answer("", {}, SOMEBODY, "")[1], room.answer("", {}, SOMEBODY, "no <b>folder</b>")[1]
    assert ('id="dc-add"' in may, "/documents.js" in may, f'data-most="{MAX_BYTES}"' in may) == (True, True, True)
    assert re.findall(r'<option value="(\w+)">(\w+)</option>', may[may.index('id="dc-homes"') :])[:2] == [
        ("larch", "Larch"),
        ("maple", "Maple"),
    ]
    assert ('id="dc-add"' in may_not, "/documents.js" in may_not) == (False, False)
    assert "Add a policy No <b>folder</b>." in told(may_not)
    assert "put the file into its school’s folder yourself" in may


def test_headings_are_in_order_and_ids_are_unique(room: Room) -> None:
    for html in (html_of(room), html_of(room, "changes"), changed(room, "maple/phones-2020", "maple/phones"), html_of(room, "x", 404)):
        levels = [int(level) for level in re.findall(r"<h(\d)", html)]
        assert (levels[0], levels.count(1)) == (1, 1)
        assert all(after <= before + 1 for before, after in pairwise(levels))
        ids = re.findall(r'\bid="([^"]+)"', html)
        assert len(ids) == len(set(ids))
        assert {*re.findall(r'href="#([^"]+)"', html)} <= {*ids}


def test_an_index_of_no_school_has_its_page(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue = desk.whole.index.catalogue
    monkeypatch.setattr(catalogue, "outlines", lambda: iter(()))
    monkeypatch.setattr(catalogue, "schools", (School("larch", "Larch"),))
    said = told(html_of(Room(desk)))
    assert "0 policies of 1 school" in said
    assert "No policy of this school could be read, or none has been added yet." in said


# in a browser


@pytest.fixture
def url(desk: Desk, tmp_path: Path) -> Iterator[str]:
    app = create_app(desk.whole, Store(tmp_path / "data"), tmp_path / "evals", desk.index, desk.corpus)
    with serving(app) as served:
        yield f"{served}/"


@pytest.fixture
def open_page(chromium: Any, url: str) -> Iterator[Callable[..., Any]]:
    """Opens an address in a fresh profile; afterwards, no request may have left the machine, and no script failed."""
    contexts, asked_for, faults = list[Any](), list[str](), list[str]()

    def opened_at(path: str = "documents", scheme: str = "light", width: int = 1280, **more: Any) -> Any:
        context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, **more)
        contexts.append(context)
        context.on("request", lambda request: asked_for.append(request.url))
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(url + path)
        return page

    yield opened_at
    for context in contexts:
        context.close()
    assert {urlsplit(request).hostname for request in asked_for if not request.startswith("data:")} == {"127.0.0.1"}
    assert faults == []


BEES = "# Bees on Site Policy\n\nNext review: March 2030.\n\n1.1 Pupils must not open a hive.\n"


def bees(folder: Path, name: str = "bees.md", text: str = BEES) -> str:
    return str(write(folder / "sent", {name: text}) / name)


@pytest.mark.browser
@pytest.mark.parametrize(("scheme", "width"), [("light", 1920), ("dark", 320)])
def test_the_pages_are_accessible_and_fit(open_page: Callable[..., Any], scheme: str, width: int) -> None:
    from axe_playwright_python.sync_playwright import Axe

    for path in (
        "documents",
        "documents?school=maple&state=later",
        "documents/changes?old=maple/phones-2020&new=maple/phones",
        "documents/x",
    ):
        page = open_page(path, scheme, width)
        assert Axe().run(page).response["violations"] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.emulate_media(media="print", color_scheme=scheme)
    page.wait_for_function("!document.body.classList.contains('dark')")  # paper is white


@pytest.mark.browser
def test_a_policy_is_added_by_the_keyboard_and_the_lists_follow(open_page: Callable[..., Any], tmp_path: Path, url: str) -> None:
    page = open_page()
    assert "bees" not in page.locator("#dc-first").inner_text()
    page.locator("#add ~ form").get_by_label("School", exact=True).focus()
    page.keyboard.type("A new")
    page.keyboard.press("Tab")
    page.keyboard.type("pear-tree")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "dc-file"
    page.set_input_files("#dc-file", bees(tmp_path))  # stands for the browser's own dialogue
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    status = page.locator("#dc-told")
    page.wait_for_function("document.getElementById('dc-told').textContent.includes('Added')")
    assert status.inner_text() == "✓ Added pear-tree/bees.md: 82 characters, 3 clauses."
    assert (status.get_attribute("role"), page.evaluate("document.activeElement.textContent")) == ("status", "Add the policy")
    assert "pear-tree/bees.md" in page.locator(".dc-files").inner_text()
    assert page.locator("#dc-homes option").all_inner_texts() == ["Larch", "Maple", "Pear Tree"]
    assert not page.locator("#dc-progress").is_visible()
    assert "7 policies of 3 schools" in page.locator(".ev-lead").inner_text()
    assert page.locator("#school option").all_inner_texts() == ["All schools", "Larch", "Maple", "Pear Tree"]
    page.goto(url)
    page.get_by_label("Your question").wait_for()
    page.get_by_label("Add a school").select_option("pear-tree")
    page.get_by_label("Your question").fill("May pupils open a hive?")
    page.get_by_label("Your question").press("Enter")
    page.locator(".cw-card blockquote").first.wait_for()
    assert page.locator(".cw-card blockquote").first.inner_text() == "Pupils must not open a hive."


@pytest.mark.browser
def test_a_file_is_dropped(open_page: Callable[..., Any]) -> None:
    page = open_page()
    drop = """([target, names]) => {
      const data = new DataTransfer();
      for (const name of names) data.items.add(new File(['# Bees\\n\\nNo hive stands here.\\n'], name));
      const event = kind => new DragEvent(kind, {dataTransfer: data, bubbles: true, cancelable: true});
      const at = document.querySelector(target);
      at.dispatchEvent(event('dragover'));
      const over = document.getElementById('dc-drop').classList.contains('dc-over');
      const drop = event('drop');
      at.dispatchEvent(drop);
      return [over, drop.defaultPrevented];
    }"""
    assert page.evaluate(drop, ["#files", ["bees.md"]]) == [False, True]  # beside it nothing is chosen, and nothing is opened
    assert page.evaluate("document.getElementById('dc-file').files.length") == 0
    assert page.evaluate(drop, ["#dc-file-told", ["a.md", "b.md"]]) == [True, True]
    assert page.locator("#dc-told").inner_text() == "! Drop one policy at a time."
    assert page.evaluate(drop, ["#dc-drop", ["bees.md"]]) == [True, True]
    assert page.locator("#dc-told").inner_text() == "bees.md is chosen. Choose its school, then add it."
    assert page.evaluate("document.activeElement.id") == "dc-school"
    page.select_option("#dc-school", "larch")
    page.get_by_role("button", name="Add the policy").click()
    page.wait_for_function("document.getElementById('dc-told').textContent.includes('Added larch/bees.md')")


@pytest.mark.browser
def test_what_is_wrong_with_a_file_is_said(open_page: Callable[..., Any], tmp_path: Path, corpus: Path) -> None:
    page = open_page()
    add = page.get_by_role("button", name="Add the policy")

    def said(school: str, file: str) -> str:
        page.select_option("#dc-school", school)
        page.set_input_files("#dc-file", file)
        add.click()
        page.wait_for_function("document.querySelector('#dc-told.ev-fault')?.textContent")
        return str(page.locator("#dc-told").inner_text())

    add.click()
    assert page.evaluate("document.activeElement.id") == "dc-school"  # the browser asks for the school itself
    assert said("larch", bees(tmp_path, "<b>.pdf", "x")).startswith("! Not added: file name: found '<b>.pdf'; expected one that begins")
    assert said("larch", bees(tmp_path, "bees.pdf", "x")).startswith("! Not added: bees.pdf: this is no PDF at all")
    assert said("larch", bees(tmp_path, "phones.md")).startswith("! Not added: a file of that name is there already; give this one")
    page.evaluate("document.getElementById('dc-add').dataset.most = 10")
    assert said("larch", bees(tmp_path)) == f"! Not added: this file has {len(BEES)} bytes, over the limit of 10."
    assert sorted(path.name for path in (corpus / "larch").iterdir()) == ["behaviour.md", "dogs.md", "phones.md"]


@pytest.mark.browser
def test_progress_is_shown_and_a_failure_says_why(
    open_page: Callable[..., Any], tmp_path: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    go = threading.Event()

    def fail(*args: Any, **_: Any) -> None:
        for done in (0, 256):
            args[3]("", done, 1024)
        go.wait(30)
        raise OSError(28, "No space left on device", "/x")

    monkeypatch.setattr(rooms, "build_with", fail)
    page = open_page()
    page.select_option("#dc-school", "larch")
    page.set_input_files("#dc-file", bees(tmp_path))
    page.get_by_role("button", name="Add the policy").click()
    page.wait_for_function("document.querySelector('#dc-progress progress').value === 256")
    assert page.locator("#dc-step").inner_text() == "Indexing: 25 %, about 1 second left."
    assert page.locator("#dc-told").inner_text() == "Indexing what is new."
    assert Axe().run(page).response["violations"] == []
    other = open_page()  # who comes while a build is under way sees it too
    other.wait_for_function("document.querySelector('#dc-progress progress').value === 256")
    go.set()
    told_last = "Not added: /x: No space left on device. The file was taken out again, and the policies answer as before."
    for one in (page, other):
        one.wait_for_function("document.querySelector('#dc-told.ev-fault')")
        assert one.locator("#dc-told").inner_text() == f"! {told_last}"
    assert not (corpus / "larch" / "bees.md").exists()
    assert open_page().locator("#dc-told").inner_text() == f"! {told_last}"


@pytest.mark.browser
def test_without_scripts_everything_but_adding_works(open_page: Callable[..., Any]) -> None:
    page = open_page(java_script_enabled=False)
    assert not page.locator("#dc-add").is_visible()
    assert page.locator("noscript p").is_visible()
    page.get_by_label("School").first.select_option("maple")
    page.get_by_label("Review", exact=True).select_option("superseded")
    with page.expect_navigation():  # with its styles, which set the school apart
        page.get_by_role("button", name="Show").click()
    assert page.locator(".dc-policy h4").all_inner_texts() == ["Mobile Phone Policy\nMaple"]
    page.get_by_role("link", name="What changed in Mobile Phone Policy, Maple").first.click()
    assert page.get_by_role("heading", level=1).inner_text() == "What changed"
    assert page.locator("del").nth(1).evaluate("e => getComputedStyle(e).textDecorationLine") == "line-through"
    assert page.locator("ins").nth(1).evaluate("e => getComputedStyle(e).textDecorationLine") == "underline"
