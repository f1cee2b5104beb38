"""Clausewise: the whole answer that `clausewise ask` gives, of the school asked about or of every one."""

from __future__ import annotations

from benchmarks.systems.clausewise_search import PACKAGES, build, load
from benchmarks.systems.texts import Question, Text
from clausewise import Assistant

__all__ = ["PACKAGES", "build", "load", "search"]


def search(opened: Assistant, question: Question, k: int) -> list[Text]:
    """The quotes; none where the policy is said to be silent."""
    reply = opened.ask(question.text, [question.school] if question.school else None)
    return [Text(answer.school, quote.text) for answer in reply.answers for quote in answer.quotes]
