"""The house as DESIGN.md draws it: imports go down the floors, and each heavy package has one door."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from conftest import ROOT

SRC = ROOT / "src"
# A room is a module below clausewise, or the folder that it lies in. From the ground up.
FLOORS = (
    ("ground", {"types", "errors", "settings", "confined"}),
    ("ingest", {"thesaurus", "readers", "blocks", "classify", "clauses", "dates", "parsing", "documents", "facsimile"}),
    ("index", {"durable", "leases", "checksums", "generations", "writing", "journal", "passages", "adapter", "digests", "exported", "reference", "exporting", "models", "late", "embeddings", "cells", "vectors", "lexical", "steps", "spread", "nearest", "milvus", "spelling", "labels", "catalogue", "index", "building", "snapshots", "restored", "reranking"}),
    (
        "ask",
        {"ranking", "background", "retrieval", "references", "mentions", "naming", "conversation", "clarifying", "duties", "stance", "silence", "bands", "safeguarding", "quoting", "answering", "anchoring", "comparison", "assistant", "following"},
    ),
    ("measure", {"evaluation", "database", "store", "keys", "audit", "switch", "passwords", "accounts", "conversations", "revived", "exports"}),
    ("faces", {"contract", "calls", "tools", "terminal", "terminal_eval", "bars", "cli", "cli_options", "cli_compare", "cli_eval", "cli_suite", "cli_accounts", "web", "app", "__init__"}),
)
FLOOR = {room: number for number, (_, rooms) in enumerate(FLOORS) for room in rooms}
# Package -> the modules that may know it.
DOORS = {
    "pypdf": {f"readers.{p.stem}" for p in (SRC / "clausewise" / "readers").glob("pdf*.py")},
    "pypdfium2": {"facsimile.drawing"},
    "PIL": {"facsimile.marks"},
    "docx": {f"readers.{p.stem}" for p in (SRC / "clausewise" / "readers").glob("docx*.py")} | {"exports"},
    "bs4": {f"readers.{p.stem}" for p in (SRC / "clausewise" / "readers").glob("html*.py")},
    "langchain_text_splitters": {"passages"},
    "sentence_transformers": {"reference", "adapter"},
    "transformers": {"reference"},
    "torch": {"reference", "adapter", "exporting"},
    "onnxruntime": {"exported"},
    "tokenizers": {"exported"},
    "threadpoolctl": {"embeddings"},
    "platformdirs": {"settings"},
    "safetensors": {"adapter"},
    "faiss": {"cells", "vectors"},
    "bm25s": {"lexical"},
    "spellchecker": {"spelling"},
    "Stemmer": {"lexical"},
    "gradio": {"web"},
    "fastapi": {"web"},
    "uvicorn": {"web"},
    "starlette": {"web", "tools"},
    "openpyxl": {"exports"},
    "rapidfuzz": {"cli_compare", "comparison", "mentions", "assistant", "anchoring", "evaluation.checking", "web.policies"},
    "pydantic": {"calls", "contract", "comparison.topics", "comparison.coverage", "comparison.tables", "evaluation.cases", "evaluation.gates", "evaluation.runs"},
    "yaml": {"evaluation.cases", "evaluation.reissue"},
    "matplotlib": {"evaluation.plots"},
    "jinja2": {"exports", "evaluation.html", "web"},
    "tqdm": {"bars"},
    "filelock": {"writing"},
    "xxhash": {"checksums"},
    "sqlite3": {"database", "catalogue.file"},
    "argon2": {"passwords"},
    "authlib": {"web.oidc"},
    "joserfc": {"web.oidc"},
    "ray": {"spread"},
    "pymilvus": {"milvus"},
    "mcp": {"tools"},
    "mcp_types": {"tools"},
}
LATE = {
    "langchain_text_splitters",
    "sentence_transformers",
    "transformers",
    "torch",
    "onnxruntime",
    "tokenizers",
    "threadpoolctl",
    "platformdirs",
    "safetensors",
    "faiss",
    "bm25s",
    "Stemmer",
    "spellchecker",
    "matplotlib",
    "pypdfium2",
    "PIL",
    "ray",
    "pymilvus",
    "mcp",
    "mcp_types",
}


@dataclass(frozen=True)
class Import:
    """`module` imports `target`. `runtime`: not for types alone. `late`: inside a function."""

    module: str
    target: str
    runtime: bool
    late: bool


def modules() -> list[Path]:
    return [*sorted((SRC / "clausewise").rglob("*.py")), ROOT / "app.py"]


def name_of(path: Path) -> str:
    """readers/pdf.py -> readers.pdf; a package's __init__ -> the package."""
    if path.name == "app.py":
        return "app"
    parts = path.relative_to(SRC / "clausewise").with_suffix("").parts
    return ".".join(parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[Import]:
    yield from _walk(ast.parse(path.read_text("utf-8")), name_of(path), True, False)


def _walk(node: ast.AST, module: str, runtime: bool, late: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (Import(module, alias.name, runtime, late) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, f"{module} imports relatively; write the whole path"
            yield from (Import(module, target, runtime, late) for target in _targets(child))
        elif isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            yield from _walk(child, module, False, late)
        else:
            yield from _walk(child, module, runtime, late or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda))


def _targets(node: ast.ImportFrom) -> Iterator[str]:
    """`from clausewise import readers` imports the module, `from clausewise.errors import X` a name of one."""
    base = node.module or ""
    for alias in node.names:
        inner = SRC.joinpath(*base.split("."), alias.name)
        yield f"{base}.{alias.name}" if inner.is_dir() or inner.with_suffix(".py").exists() else base


ALL = [found for path in modules() for found in imports(path)]
OWN = [found for found in ALL if found.target.split(".")[0] == "clausewise"]


def room(name: str) -> str:
    return name.split(".")[0]


def target_room(found: Import) -> str:
    parts = found.target.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def test_every_room_stands_on_a_floor() -> None:
    assert {room(name_of(path)) for path in modules()} - FLOOR.keys() == set()


def test_there_are_imports_to_check() -> None:
    assert len(OWN) > 60
    assert {found.target.split(".")[0] for found in ALL} >= DOORS.keys() - {"starlette", "fastapi", "uvicorn"}


def test_imports_go_down_or_stay_on_the_floor() -> None:
    """Types alone may be named upwards: evaluation names the assistant, adapter its model."""
    upward = [
        f"{f.module} -> {f.target}" for f in OWN if f.runtime and FLOOR[target_room(f)] > FLOOR[room(f.module)] and f.target != "clausewise"
    ]
    assert upward == []


def test_only_the_faces_import_the_package_itself() -> None:
    """And evaluation and comparison, which note the version that made a run, or a report."""
    assert {room(f.module) for f in OWN if f.target == "clausewise"} <= {"cli", "tools", "web", "app", "__init__", "evaluation", "comparison"}


def test_the_parts_are_wired_together_in_one_place() -> None:
    """Beside assistant, only cli opens rooms of several floors, and it does so through documents, index and assistant."""
    for module in ("evaluation", "terminal"):
        assert {target_room(f) for f in OWN if f.module == module and f.runtime} <= {"errors", "types", "duties", "bands", "safeguarding", "comparison", "evaluation", "exports"}
    quoting = [f for f in OWN if f.module == "quoting"]  # what checks a quote knows nobody who makes one
    assert {target_room(f) for f in quoting if f.runtime} == {"errors", "types"}
    assert {target_room(f) for f in quoting} == {"errors", "types", "index"}
    web = {target_room(f) for f in OWN if room(f.module) == "web" and f.runtime and f.module != "web.desk"}
    assert web <= {
        "web",
        "errors",
        "types",
        "settings",
        "dates",
        "duties",
        "bands",
        "safeguarding",
        "clauses",
        "readers",
        "facsimile",
        "parsing",
        "documents",
        "comparison",
        "quoting",
        "snapshots",
        "store",
        "accounts",
        "conversations",
        "revived",
        "audit",
        "keys",
        "passwords",
        "switch",
        "evaluation",
        "exports",
        "calls",
        "contract",
        "tools",
    }
    desk = {target_room(f) for f in OWN if f.module == "web.desk" and f.runtime}  # it alone opens another index
    assert desk - web == {"assistant", "building", "following", "generations", "milvus"}


def test_no_two_modules_import_each_other_in_a_ring() -> None:
    edges: dict[str, set[str]] = {}
    for found in OWN:
        if found.runtime and not found.late:
            edges.setdefault(found.module, set()).add(found.target.removeprefix("clausewise").removeprefix(".") or "__init__")
    edges.pop("__init__", None)
    rings: list[tuple[str, ...]] = []

    def visit(module: str, trail: tuple[str, ...]) -> None:
        if module in trail:
            rings.append((*trail[trail.index(module) :], module))
        elif not rings:
            for target in sorted(edges.get(module, ())):
                visit(target, (*trail, module))

    for start in sorted(edges):
        visit(start, ())
    assert rings == []


@pytest.mark.parametrize("package", sorted(DOORS))
def test_a_package_has_one_door(package: str) -> None:
    knows = {found.module for found in ALL if found.target.split(".")[0] == package}
    strangers = {module for module in knows if module not in DOORS[package] and room(module) not in DOORS[package]}
    assert strangers == set()


def test_heavy_packages_are_imported_inside_functions() -> None:
    early = [f"{f.module}: {f.target}" for f in ALL if f.target.split(".")[0] in LATE and f.runtime and not f.late]
    assert early == []


def test_a_reader_is_imported_only_when_a_file_of_its_kind_is_read() -> None:
    readers = [f for f in OWN if f.target.startswith("clausewise.readers.") and not f.module.startswith("readers")]
    assert readers == []
    door = {f.target for f in ALL if f.module == "readers"}
    assert door & {"pypdf", "docx", "bs4", "clausewise.readers.pdf", "clausewise.readers.docx", "clausewise.readers.html"} == set()


@pytest.mark.parametrize(
    "module", ["clausewise", "clausewise.cli", "clausewise.assistant", "clausewise.evaluation", "clausewise.documents"]
)
def test_importing_opens_no_heavy_package(module: str) -> None:
    """So that `clausewise --help`, and every message about bad input, comes at once."""
    code = f"import json, sys; import {module}; print(json.dumps(sorted({{name.split('.')[0] for name in sys.modules}})))"
    environment = {**os.environ, "PYTHONPATH": str(SRC)}
    ended = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    heavy = {
        "torch",
        "sentence_transformers",
        "transformers",
        "onnxruntime",
        "tokenizers",
        "gradio",
        "faiss",
        "langchain_text_splitters",
        "langchain_core",
        "pypdf",
        "pypdfium2",
        "PIL",
        "docx",
        "bs4",
    }
    assert heavy & set(json.loads(ended.stdout)) == set()


def test_nothing_that_is_read_can_run_code() -> None:
    """No pickle, nor what reads one; numpy's own are told so."""
    assert {found.target.split(".")[0] for found in ALL} & {"pickle", "cPickle", "_pickle", "joblib", "shelve", "dill", "cloudpickle", "marshal"} == set()
    sources = {path: path.read_text("utf-8") for path in modules()}
    assert [str(path) for path, text in sources.items() if "allow_pickle=True" in text.replace(" ", "")] == []
    calls = [node for text in sources.values() for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    loads = [node for node in calls if ast.unparse(node.func) in ("np.load", "numpy.load", "torch.load")]
    assert len(loads) > 2
    assert [ast.unparse(node) for node in loads if "allow_pickle=False" not in ast.unparse(node)] == []


def test_floors_are_told_from_one_another() -> None:
    names = [name for name, _ in FLOORS]
    assert names == ["ground", "ingest", "index", "ask", "measure", "faces"]
    assert all(not a & b for (_, a), (_, b) in pairwise(FLOORS))
