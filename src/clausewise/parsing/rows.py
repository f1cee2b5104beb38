"""Values as rows of plain JSON, and back: what the process that reads a policy tells the one that asked."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from clausewise.types import Block, Clause, Document, Span, StatedDate

Row = dict[str, Any]


def row(value: Any) -> Row:
    """A dataclass's value; `dumps` writes its dates."""
    return asdict(value)


def plain(value: Any) -> Any:
    """For `json.dumps`: what JSON has no form for. Raises TypeError where there is none."""
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a row")


def document(row: Row) -> Document:
    lists = {key: tuple(row[key]) for key in ("pages", "empty_pages", "notes")}
    return Document(**{**row, **lists, "blocks": tuple(map(_block, row["blocks"])), "dates": tuple(map(_date, row["dates"]))})


def clause(row: Row) -> Clause:
    spans = {key: Span(**row[key]) for key in ("span", "body")}
    lists = {key: tuple(row[key]) for key in ("headings", "lead_in_ids")}
    return Clause(**{**row, **spans, **lists, "lead_ins": tuple(Span(**s) for s in row["lead_ins"])})


def _block(row: Row) -> Block:
    return Block(**{**row, "cells": tuple(Span(**cell) for cell in row["cells"])})


def _date(row: Row) -> StatedDate:
    days = {key: date.fromisoformat(row[key]) for key in ("earliest", "latest")}
    return StatedDate(**{**row, **days, "span": Span(**row["span"])})
