"""Clausewise beside LangChain + FAISS, LlamaIndex, Haystack and txtai: the same policies, model, questions and machine.

    python -m benchmarks.peers [--out benchmarks/results/peers.md] [--rounds 3] [--questions 200] [--policies 60]

The peers are installed into an environment of their own, benchmarks/.venv; only that needs a network, and only once. Each
build, and each run of questions, is a process of its own. Of the five real policies every figure is the median of `--rounds`
rounds, each beginning with another system, with one thread; of the many made by rule it is that of one round, with as many
threads as each system takes.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.systems.bench import BARE, GIVEN, ONE_THREAD, OURS, SPLITTING, Bench
from benchmarks.systems.report import QUALITY, Row, losses, table
from benchmarks.systems.sets import ROOT, Policies, gold, grown, real
from benchmarks.systems.texts import policies as texts

HOME = ROOT / "benchmarks" / ".venv"
PINS = (ROOT / "benchmarks" / "peers.txt", ROOT / "constraints.txt")
NOTES = """\
{date}, one run on one machine: {machine}.

- Everybody has the same text files and all-MiniLM-L6-v2 from the same folder. Clausewise adds its low-rank update to the model,
  embeds four views of each sentence and keeps its words for late interaction. Peers split policies by their defaults, LangChain
  as its tutorial does. "Our passages": Clausewise's sentences with headings and lead-ins, one vector each, so that only the
  machinery differs.
- Peers and `search` look through every school and return 10 results; `ask` ranks, judges whether the policy answers, and quotes.
- Build: from the start of the process to its end, everything read, embedded and written. Disk: what is kept, without the model.
  Cold start: from the start of the process to the first result printed, with the files in the page cache. Warm: {questions}
  questions after that one. Memory: the most that the process held, its libraries and model included; without the processes of
  their own in which Clausewise reads files as it builds.
"""
QUALITY_NOTES = """\
The first texts of the school asked about, of {count} public questions (a pair of question and school each, without follow-ups) that
its policy answers, right by the public scorer's rule: the text holds what answers, or most of it. A long chunk holds it more easily
and leaves the finding to the reader: how long the first text is stands beside it, and a policy has {length:,.0f} characters in the
median. Silent policies are left out: a peer never says that one is silent, and a wrong silence of `ask` counts as a miss.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, help="a file that is written besides")
    parser.add_argument("--rounds", type=int, default=3, help="of the five real policies (default: %(default)s)")
    parser.add_argument("--questions", type=int, default=200, help="asked of each row (default: %(default)s)")
    parser.add_argument("--policies", type=int, default=60, help="made by rule (default: %(default)s)")
    args = parser.parse_args()
    python = environment()
    with TemporaryDirectory(prefix="clausewise-peers-") as home:
        report = "\n\n".join(sections(Bench(Path(home), args.questions, python), Path(home), args)) + "\n"
    print(report)
    if args.out:
        args.out.parent.mkdir(parents=True, exist_ok=True)
        args.out.write_text(report, "utf-8")


def environment() -> Path:
    """The Python of the peers' environment, which is made anew when the pins change. Exits with a line where it cannot be."""
    wanted, stamp = hashlib.sha256(b"".join(pin.read_bytes() for pin in PINS)).hexdigest(), HOME / "installed"
    python = HOME / "bin" / "python"
    if stamp.exists() and stamp.read_text() == wanted:
        return python
    print("installing the peers, which takes minutes", file=sys.stderr, flush=True)
    install = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", PINS[0], "-c", PINS[1]]
    for command in ([sys.executable, "-m", "venv", "--clear", HOME], install):
        if subprocess.run(command, stdout=sys.stderr).returncode:
            sys.exit("the peers named in benchmarks/peers.txt could not be installed; see above why, and run this again")
    stamp.write_text(wanted)
    return python


def sections(bench: Bench, home: Path, args: argparse.Namespace) -> Iterator[str]:
    """The report's parts; those about the five real policies are left out where these are not there."""
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    yield "# Clausewise beside its peers\n\n" + NOTES.format(machine=machine, date=date.today(), questions=args.questions).strip()
    five, many = real(home), grown(args.policies, home)
    yield bench.first_build(five or many)
    if five:
        systems = [OURS, *SPLITTING, *GIVEN, BARE]
        rows = bench.rows(five, systems, args.rounds, ONE_THREAD)
        yield from measured(bench, five, rows, f"one thread, medians, rounds: {args.rounds}")
        wanted = gold()
        notes = QUALITY_NOTES.format(count=len(wanted.questions), length=median(len(text.text) for text in texts(five.folder))).strip()
        judged = bench.quality([OURS, *SPLITTING, BARE], wanted)
        yield f"### What the first texts hold\n\n{notes}\n\n{table(judged, QUALITY)}"
    rows = bench.rows(many, [OURS, *SPLITTING, BARE], 1, {})
    yield from measured(bench, many, rows, "as many threads as each takes, rounds: 1")
    made = ("; ".join(f"{name} {number}" for name, number in sorted(packages.items())) for packages in bench.versions.values())
    yield "## Versions\n\n" + "\n".join(f"- {owner}: {packages}" for owner, packages in zip(bench.versions, made, strict=True))


def measured(bench: Bench, policies: Policies, rows: list[Row], how: str) -> Iterator[str]:
    yield f"## {policies.name}: {how}\n\n{table(rows)}"
    yield f"Where a peer does better:\n\n{losses(rows)}"
    yield f"Clausewise's share of what the machine allows, questions and scan with one thread:\n\n{bench.limits(policies, rows).table()}"


if __name__ == "__main__":
    main()
