"""A program that `confined` runs: a job in, its policy out, each a line of JSON."""

from __future__ import annotations

import json

from clausewise.confined import serve
from clausewise.errors import ReadError
from clausewise.parsing import Job, rows
from clausewise.parsing.policy import read


def answer(told: bytes) -> bytes:
    try:
        policy = read(Job(**json.loads(told)))
    except ReadError as error:
        return json.dumps({"unread": str(error)}).encode()
    clauses = [rows.row(clause) for clause in policy.clauses]
    found = {"document": rows.row(policy.document), "clauses": clauses, "names": policy.names}
    return json.dumps(found, default=rows.plain).encode()


if __name__ == "__main__":
    serve(answer)
