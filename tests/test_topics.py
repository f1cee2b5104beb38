"""Topic files: data that a policy lead can write; a broken one is named in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from clausewise.comparison.topics import Topic, load_topics, shipped
from clausewise.errors import BadTopics
from clausewise.types import Passage, Span

GOOD = '[[topic]]\nid = "dogs"\ntitle = "Dogs"\nabout = "May dogs come in?"\nquestions = ["Can I bring a dog?", "dogs on the site"]\n'


def written(folder: Path, text: str) -> Path:
    path = folder / "own.toml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    return path


@pytest.fixture(scope="module")
def every() -> dict[str, tuple[Topic, ...]]:
    return {name: load_topics(name) for name in shipped()}


def test_the_shipped_files(every: dict[str, tuple[Topic, ...]]) -> None:
    assert {name: len(topics) for name, topics in every.items()} == {"mobile-devices": 22, "online-safety": 24, "social-media": 28}


@pytest.mark.parametrize("part", ["id", "title", "about"])
def test_no_topic_stands_twice(every: dict[str, tuple[Topic, ...]], part: str) -> None:
    """Across files too, so that a matrix may hold the topics of several."""
    found = [getattr(topic, part).lower() for topics in every.values() for topic in topics]
    assert sorted(found) == sorted(set(found))


def test_no_question_is_asked_twice(every: dict[str, tuple[Topic, ...]]) -> None:
    found = [question.lower() for topics in every.values() for topic in topics for question in topic.questions]
    assert sorted(found) == sorted(set(found))


def test_each_topic_says_what_it_asks(every: dict[str, tuple[Topic, ...]]) -> None:
    for topic in (topic for topics in every.values() for topic in topics):
        assert topic.about.endswith("?"), topic.id
        assert topic.questions[0].endswith("?"), topic.id
        assert len(topic.questions) >= 2, topic.id
        assert len(topic.title) <= 45, topic.id


def test_no_wording_is_a_question_or_stands_twice(every: dict[str, tuple[Topic, ...]]) -> None:
    topics = [topic for found in every.values() for topic in found]
    wordings = [wording for topic in topics for wording in topic.wordings]
    assert len(wordings) == len({*wordings}) == 2 * len(topics)
    assert not any(wording.endswith("?") for wording in wordings)
    assert topics[0].searches == (*topics[0].questions, *topics[0].wordings)


def test_a_topic_s_own_wordings_mention_what_its_clauses_must(every: dict[str, tuple[Topic, ...]]) -> None:
    """Else the words asked for would be too narrow: these were written by somebody who did not know them."""
    missed = {
        topic.id
        for topics in every.values()
        for topic in topics
        if topic.mentions and not any(topic.counts(passage(wording)) for wording in topic.wordings)
    }
    assert missed == set()


def passage(text: str, *above: str) -> Passage:
    return Passage(0, "a/b#1", "a/b", "a", Span(0, 1), (" ".join([*above, text]), text))


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("Former pupils are not added.", True),
        ("Staff who work with alumni may write.", True),
        ("PAST  PUPILS write to the office.", False),  # as it stands: passages have single spaces
        ("Past pupils write to the office.", True),
        ("We keep formerly used lists.", False),
        ("Pupils are not added.", False),
    ],
)
def test_mentions_are_whole_words_or_beginnings(text: str, counts: bool) -> None:
    topic = Topic("t", "T", "?", ("?",), (), ("former", "alumn*", "past pupil*"))
    assert topic.counts(passage(text)) is counts
    assert topic.counts(passage("They are not added.", "Former pupils.")) is True  # its heading says so


def test_without_mentions_every_clause_counts() -> None:
    assert Topic("t", "T", "?", ("?",)).counts(passage("Anything."))


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    assert load_topics(written(tmp_path, "\ufeff" + GOOD)) == (
        Topic("dogs", "Dogs", "May dogs come in?", ("Can I bring a dog?", "dogs on the site")),
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "found no [[topic]] table"),
        ("topic = 3\n", "found no [[topic]] table"),
        ("[[topic]\n", "not valid TOML"),
        ("\udcff\n", "not valid TOML"),
        ("topic = [3]\n", "topic 1, the table: found 3"),
        ("[[topic]]\n", "topic 1, id"),
        (GOOD.replace('"dogs"', '"Dogs!"'), "topic 1, id: found 'Dogs!'"),
        (GOOD.replace('"dogs"', '""'), "topic 1, id: found ''"),
        (GOOD.replace('"Dogs"', '" "'), "topic 1, title: found ' '"),
        (GOOD.replace('"Dogs"', "3"), "topic 1, title: found 3"),
        (GOOD.replace('title = "Dogs"\n', ""), "topic 1, title"),
        (GOOD.replace('"Can I bring a dog?", "dogs on the site"', ""), "topic 1, questions: found []"),
        (GOOD.replace('"dogs on the site"', '""'), "topic 1, questions.1: found ''"),
        (GOOD + 'colour = "red"\n', "topic 1, colour"),
        (GOOD + GOOD, "the id 'dogs' stands twice"),
        (GOOD + GOOD.replace('"dogs"', '"hounds"').replace('"Dogs"', "[]"), "topic 2, title"),
    ],
)
def test_a_broken_file_is_named_in_one_line(tmp_path: Path, text: str, words: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(BadTopics) as caught:
        load_topics(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert words in message
    assert "\n" not in message


def test_a_name_that_is_not_shipped_is_told_with_those_that_are() -> None:
    with pytest.raises(BadTopics, match=r"found no topics 'dogs'; expected one of mobile-devices, online-safety, social-media, or"):
        load_topics("dogs")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadTopics, match="cannot be read"):
        load_topics(tmp_path / "none.toml")
