"""A conversation -> Markdown. No word of a question or a policy becomes markup."""

from __future__ import annotations

from urllib.parse import quote

from clausewise.exports.conversation import Cited, Question, Told, Transcript
from clausewise.exports.markdown import line, quoted

_ADDRESS = ":/?#[]@!$&'()*+,;=%~"  # what stands in an address as it is


def render(transcript: Transcript) -> str:
    """One page of CommonMark."""
    lines = [f"# {line(transcript.title)}", "", f"Asked {transcript.days}"]
    lines += [said for question in transcript.questions for said in _question(question)]
    return "\n".join([*lines, "", "---", "", line(transcript.closing)]) + "\n"


def _question(question: Question) -> list[str]:
    lines = ["", f"## {line(question.question)}", "", f"Asked of {line(question.asked_of)}, {question.day}"]
    for said in filter(None, (question.understood, question.summary)):
        lines += ["", line(said)]
    return lines + [said for answer in question.answers for said in _answer(answer)]


def _answer(answer: Told) -> list[str]:
    lines = ["", f"### {line(': '.join(filter(None, (answer.school, answer.verdict))))}"]
    for said in (*answer.lines, *(f"{role}: {who}" for role, who in answer.contacts)):
        lines += ["", line(said)]
    for part in answer.parts:
        lines += ["", f"#### {part.heading}"] if part.heading else []
        lines += [said for cited in part.quotes for said in _cited(cited)]
    return lines


def _cited(cited: Cited) -> list[str]:
    citation = line(f"{cited.policy}: {cited.where}")
    linked = f"[{citation}](<{quote(cited.address, safe=_ADDRESS)}>)" if cited.address else citation
    return [*quoted(cited.lead_in, cited.text), "", linked, "", line(cited.dates)]
