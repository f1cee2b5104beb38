"""A conversation -> a paper in Word."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from docx.shared import Cm

from clausewise.exports.conversation import Cited, Question, Told, Transcript
from clausewise.exports.paper import begun, foot, link, quoted, saved, soft
from clausewise.exports.wording import flat, legal


def render(transcript: Transcript) -> bytes:
    """The paper's bytes. The same transcript gives the same."""
    made = datetime.fromisoformat(transcript.made.date().isoformat())
    paper = begun(transcript.title, "Clausewise", made)
    paper.add_paragraph(legal(transcript.title), "Title")
    soft(paper, f"Asked {transcript.days}")
    foot(paper, f"{transcript.title}, {transcript.days}")
    for question in transcript.questions:
        _question(paper, question)
    soft(paper, transcript.closing)
    return saved(paper, made)


def _question(paper: Any, question: Question) -> None:
    paper.add_heading(legal(flat(question.question)), 1)
    soft(paper, f"Asked of {question.asked_of}, {question.day}").paragraph_format.keep_with_next = True
    for said in filter(None, (question.understood, question.summary)):
        paper.add_paragraph(legal(said))
    for answer in question.answers:
        _answer(paper, answer)


def _answer(paper: Any, answer: Told) -> None:
    paper.add_heading(legal(": ".join(filter(None, (answer.school, answer.verdict)))), 2)
    for said in (*answer.lines, *(f"{role}: {who}" for role, who in answer.contacts)):
        paper.add_paragraph(legal(said))
    for part in answer.parts:
        if part.heading:
            paper.add_heading(part.heading, 3)
        for cited in part.quotes:
            _cited(paper, cited)


def _cited(paper: Any, cited: Cited) -> None:
    quoted(paper, cited.lead_in, cited.text)
    citation = soft(paper, "" if cited.address else f"{cited.policy}: {cited.where}")
    if cited.address:
        link(citation, f"{cited.policy}: {cited.where}", cited.address)
    dates = soft(paper, cited.dates)
    citation.paragraph_format.keep_with_next = True
    citation.paragraph_format.left_indent = dates.paragraph_format.left_indent = Cm(0.8)
