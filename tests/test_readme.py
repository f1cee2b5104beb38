"""The README names every command, and every command that it names exists."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import pytest
from conftest import ROOT

from clausewise.cli import _parser
from clausewise.cli_eval import ACTIONS
from clausewise.settings import Settings
from clausewise.thesaurus import HEADER, KINDS, read_rows

README = ROOT / "README.md"


@pytest.fixture(scope="module")
def readme() -> str:
    return README.read_text("utf-8")


def verbs() -> dict[str, set[str]]:
    """Verb -> its options, as the parser has them."""
    action = next(a for a in _parser()._actions if a.choices)
    return {name: options(verb) for name, verb in dict(action.choices or {}).items()}


def options(verb: argparse.ArgumentParser) -> set[str]:
    """Those of the verb and of its actions."""
    own = {option for a in verb._actions for option in a.option_strings}
    inner = [parser for a in verb._actions if isinstance(a.choices, dict) for parser in a.choices.values()]
    return own.union(*map(options, inner))


def commands(text: str) -> list[str]:
    """What follows "clausewise" in code: spans between backticks and the lines of fenced blocks."""
    fenced = re.findall(r"^[ ]*```[^\n]*\n(.*?)^[ ]*```", text, re.M | re.S)
    spans = re.findall(r"`([^`\n]+)`", re.sub(r"^[ ]*```.*?^[ ]*```", "", text, flags=re.M | re.S))
    code = [line for block in fenced for line in block.splitlines()] + spans
    return [found.group(1) for line in code if (found := re.search(r"(?<!from )(?:^|(?<=[\s/$|]))clausewise[ ]+([a-z][^#]*)", line))]


def targets() -> set[str]:
    return set(re.findall(r"^([a-z][\w-]*):", (ROOT / "Makefile").read_text("utf-8"), re.M))


def test_the_parser_has_the_contract_s_verbs() -> None:
    assert set(verbs()) >= {"index", "ask", "search", "compare", "documents", "eval", "serve"}


def test_every_verb_is_named(readme: str) -> None:
    assert set(verbs()) - {command.split()[0] for command in commands(readme)} == set()


def test_every_action_of_eval_is_named_beside_the_suites() -> None:
    told = (ROOT / "evals" / "README.md").read_text("utf-8")
    assert [name for name in ACTIONS if name != "run" and f"`clausewise eval {name}" not in told] == []


def test_every_command_that_is_named_exists(readme: str) -> None:
    named = {command.split()[0] for command in commands(readme)}
    assert named - verbs().keys() == set()


def test_every_option_that_is_named_exists(readme: str) -> None:
    known = verbs()
    for command in commands(readme):
        verb = command.split()[0]
        assert set(re.findall(r"(?<=\s)--?[a-z][a-z-]*", command)) <= known[verb]


def test_the_two_commands_stand_in_it_and_in_the_makefile(readme: str) -> None:
    assert "make run" in readme
    assert "make test" in readme
    assert {"run", "test"} <= targets()


def test_every_make_target_that_is_named_exists(readme: str) -> None:
    code = " ".join(re.findall(r"`[^`]+`", readme)) + " ".join(re.findall(r"^\s*make .*$", readme, re.M))
    assert set(re.findall(r"\bmake ([a-z][\w-]*)", code)) <= targets()


def test_every_file_that_it_links_to_exists(readme: str) -> None:
    links = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", readme)
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_variable_of_the_settings_stands_in_it_and_no_other(readme: str) -> None:
    known = set(re.findall(r"CLAUSEWISE_[A-Z_]+", Settings.from_environment.__doc__ or ""))
    names = ("MODEL", "RERANKER", "HOST", "PORT", "DATA", "EVALS", "KEEP_DAYS", "READ_SECONDS", "READ_MIB", "MILVUS")
    assert known == {f"CLAUSEWISE_{name}" for name in names}
    signing_in = {f"CLAUSEWISE_{name}" for name in ("SIGN_IN", "ADDRESS", *(f"OIDC_{name}" for name in ("ISSUER", "CLIENT_ID", "CLIENT_SECRET", "ANY_EMAIL")))}
    others = signing_in | {"CLAUSEWISE_CACHE", "CLAUSEWISE_MILVUS_TOKEN"}
    source = (ROOT / "src" / "clausewise" / "settings.py").read_text("utf-8")
    assert set(re.findall(r"CLAUSEWISE_[A-Z_]+[A-Z]\b", source)) == known | others
    assert set(re.findall(r"CLAUSEWISE_[A-Z_]+", readme)) == known | others


def test_its_row_of_a_thesaurus_is_one(readme: str, tmp_path: Path) -> None:
    (header, row) = re.findall(r"A row under the header `([^`]+)`: `([^`]+)`", readme)[0]
    (tmp_path / "thesaurus.csv").write_text(f"{header}\n{row}\n", "utf-8")
    (read,) = read_rows(tmp_path / "thesaurus.csv")
    assert (read.said, read.means, read.kind) == (("the hive", "on hive"), ("learning platform", "homework platform"), "platform")
    about = readme[readme.index("`thesaurus.csv` tells") : readme.index("A row under the header")]
    assert [word for word in (*HEADER, *KINDS) if f"`{word}`" not in about] == []


def test_the_house_table_names_every_module() -> None:
    table = (ROOT / "DECISIONS.md").read_text("utf-8").partition("## The house")[2].partition("\n## ")[0]
    modules = {path.stem for path in (ROOT / "src" / "clausewise").glob("*.py")} - {"__init__"}
    assert {module for module in modules if not re.search(rf"`{module}`", table)} == set()
