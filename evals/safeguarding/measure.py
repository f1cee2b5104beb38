"""How well a question that reads as risk is told from one that does not: each figure with Wilson's interval of 95 %.

    python evals/safeguarding/measure.py                 the visible phrases, on which the model was fitted; each that is wrong
    python evals/safeguarding/measure.py --held-back     the half that nothing was chosen on, and the second set; figures only
    python evals/safeguarding/measure.py --ordinary      how many questions of the suites and of training are flagged
                                                         (--show: which; --staff DIR: of other folders of questions too)
    --signs: as with an encoder that the weights do not know
"""

from __future__ import annotations

import argparse
import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from clausewise.embeddings import Encoder
from clausewise.safeguarding import at_risk

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
FITTED = "LMNOPQRSTU"  # folders of training/data that the model has seen
PUBLIC = Path("../shared/evals/questions.jsonl")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("held-back", "ordinary", "show", "signs"):
        parser.add_argument(f"--{name}", action="store_true")
    parser.add_argument("--staff", type=Path, metavar="DIR")
    args = parser.parse_args()
    encoder = None if args.signs else Encoder()
    if args.ordinary:
        ordinary(encoder, args.staff, args.show)
    else:
        phrases(encoder, args.held_back)


def phrases(encoder: Encoder | None, held_back: bool) -> None:
    rows = [row for row in read(HERE / "phrases.jsonl") if (row["split"] == "held_back") == held_back]
    report("held back" if held_back else "visible", rows, encoder, not held_back)
    if held_back:
        report("second", read(HERE / "second.jsonl"), encoder, False)


def report(name: str, rows: Sequence[dict[str, Any]], encoder: Encoder | None, show: bool) -> None:
    said = flags([row["phrase"] for row in rows], encoder)
    truth = [row["at_risk"] for row in rows]
    print(f"{name}: {len(rows)} phrases")
    for label, right in (("found, of those at risk", True), ("false alarms, of the others", False)):
        print(f"  {label:28} {share([flag for flag, risk in zip(said, truth, strict=True) if risk is right])}")
    wrong = [row for row, flag, risk in zip(rows, said, truth, strict=True) if flag is not risk]
    print("  wrong by kind:", ", ".join(f"{kind} {count}" for kind, count in Counter(row["kind"] for row in wrong).most_common()))
    for row in wrong if show else ():
        print(f"    {'missed' if row['at_risk'] else 'false '}  {row['phrase'][:150]}")


def ordinary(encoder: Encoder | None, staff: Path | None, show: bool) -> None:
    """Questions of people at work, of whom a few do tell of a child at risk."""
    for name, texts in sources(staff):
        said = flags(texts, encoder)
        print(f"{name:20} flagged {share(said)}")
        for text, flag in zip(texts, said, strict=True):
            if flag and show:
                print(f"    {text[-220:]}")


def sources(staff: Path | None) -> Iterator[tuple[str, list[str]]]:
    suites = [row for path in sorted(ROOT.glob("evals/*/cases.jsonl")) for row in read(path)]
    yield "suites", asked(suites)
    if PUBLIC.exists():
        yield "public", asked(read(PUBLIC))
    for name, folder in (("training", ROOT / "training" / "data"), ("staff", staff)):
        paths = sorted(folder.glob("*/questions.jsonl")) if folder else []
        if paths:
            unseen = [row for path in paths if name != "training" or path.parent.name not in FITTED for row in read(path)]
            yield f"{name}, not fitted", asked(unseen)


def asked(rows: Iterable[dict[str, Any]]) -> list[str]:
    return [" ".join([*row["history"][-2:], row["question"]]) for row in rows]


def flags(texts: Sequence[str], encoder: Encoder | None) -> list[bool]:
    if encoder is None:
        return [at_risk(text) for text in texts]
    return [at_risk(text, vector) for text, vector in zip(texts, encoder.encode(texts).tolist(), strict=True)]


def share(flagged: Sequence[bool]) -> str:
    low, high = wilson(sum(flagged), len(flagged))
    return f"{sum(flagged)}/{len(flagged)} = {sum(flagged) / len(flagged):.3f} ({low:.3f} to {high:.3f})"


def wilson(count: int, total: int, z: float = 1.96) -> tuple[float, float]:
    part = count / total
    middle, spread = part + z * z / (2 * total), z * math.sqrt(part * (1 - part) / total + z * z / (4 * total**2))
    return max(0.0, (middle - spread) / (1 + z * z / total)), min(1.0, (middle + spread) / (1 + z * z / total))


def read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


if __name__ == "__main__":
    main()
