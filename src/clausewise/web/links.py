"""The addresses of policies and of their clauses: "/policies/corbets-tey/social-media-policy#5.3" stays, whatever the words."""

from __future__ import annotations

from urllib.parse import quote

from clausewise.types import Document

DIGITS = 12  # of a file's digest, that name its version


def anchor(document: str, clause: str) -> str:
    """What stands after the # in a clause's id."""
    return clause.removeprefix(f"{document}#")


def fragment(anchor: str) -> str:
    """The same as an address writes it, after the #."""
    return quote(anchor, safe="/~")


def policy(document: str, clause: str = "") -> str:
    """The address of a policy, or of the place of one of its clauses; both are given by id."""
    return f"/policies/{quote(document)}" + (f"#{fragment(anchor(document, clause))}" if clause else "")


def mailed(document: Document, clause: str = "") -> str:
    """The same address, for a link that lasts: it names the version of the file too, so that the page can tell when it has moved on.

    The clause stands in it twice, since what follows the # never reaches the server.
    """
    path, _, place = policy(document.id, clause).partition("#")
    version = f"{path}?as={document.digest[:DIGITS]}"
    return f"{version}&clause={place}#{place}" if place else version


def page(document: str, number: int, clause: str = "") -> str:
    """The address of a page as it is printed, with a clause of the document marked, if one is given by id."""
    asked = f"?clause={fragment(anchor(document, clause))}" if clause else ""
    return f"/policies/{quote(document)}/page/{number}{asked}"


def image(document: str, number: int, clause: str = "") -> str:
    """The address of the same page's image."""
    path, mark, asked = page(document, number, clause).partition("?")
    return f"{path}.png{mark}{asked}"
