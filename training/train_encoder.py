"""Fine-tune all-MiniLM-L6-v2 on questions with known units: a low-rank adapter and a head for late interaction.

    HF_HUB_OFFLINE=1 python training/train_encoder.py --out adapter.safetensors

Data: every lettered folder but J, K and V, which are held out, with all units of their policies; half of the documents
of doc2dial and ObliQA, where they are beside the project (training/questions.py). A step takes about 96 questions of two
policies and encodes every unit of both once. For a third of the policies the headings are left out; one question in
eight gets a slip of the finger.

What is learnt, at once:
- the mean of a text's token states, as the packaged model has it: a question's cosine with a unit;
- late interaction: each token's state, projected to 128 dimensions; a question's score with a unit is the mean, over the
  question's tokens, of the best cosine among the unit's tokens, weighted by a learnt weight of each token.

Loss, ranking: a softmax over the units of both policies (temperature 0.05) with the gold unit as target, by cosine, by
late interaction and by their sum. So the listed hard negatives and every other unit are negatives at each step, and
nothing has to be mined. Not counted as negatives: other gold and support units of the question, and units of the other
policy that are like its gold unit (cosine 0.6 or more), for they may answer too.

Loss, silence: a null score (learnt, one number) stands among the units. It is to lose against the gold unit, and to win
where the gold unit, the support units and all that is like the gold are taken out of the same question's choice, and for
the questions that have no answer. Twins of one question, with and without its answer, differ in nothing but the policy:
the unanswerable questions alone can be told by their authors' style (DECISIONS.md). It helped the ranking too.

Trained: low-rank updates of the 36 weight matrices of the six layers, the biases and LayerNorms, the projection (which
starts as the plane that holds most of the states) and the token weights. The embedding tables are frozen. AdamW,
learning rate 1e-3 (projection a third, vectors a tenth of it), a tenth of the steps as warm-up, then linear to nought;
bfloat16 autocast.

Time: 2,877 s for 752 steps on two cores that were shared with other work; 10 GB of memory. Four epochs.

Trials of 52 to 60 steps (folders A, B, C, L, M, O; mean of vector and twice late interaction; J and K / V), hit@1:

    rank 32, ranking alone                              0.588
    rank 96, ranking alone                              0.607 / 0.678   AUROC of twins on V 0.717
    rank 96, silence with a weight of 0.15              0.615 / 0.711   0.763
    rank 96, silence with a weight of 0.5               0.615 / 0.708   0.767
    rank 32, late interaction three times the vector    0.575 / 0.644   0.700
"""

import argparse
import os
import random
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from questions import DEFAULT_DATA, PUBLIC, folders_of, load_folders, load_public, query_text, some_units, together, unit_text
from safetensors.torch import save_file
from sentence_transformers import SentenceTransformer
from torch.nn.utils import parametrize
from torch.nn.utils.rnn import pad_sequence

from clausewise.embeddings import packaged

TEMPERATURE = 0.05
MAX_TOKENS = 128
ALIKE = 0.6  # a unit this close to the gold unit is no negative, if it is another policy's, and may answer too
SILENCE = 0.5  # weight of telling silence, beside ranking
MOST_UNITS, MOST_QUESTIONS = 90, 45  # of a public document at a time; its passages are long


class LowRank(torch.nn.Module):
    """weight + up @ down; up starts at nought, so training starts at the base model."""

    def __init__(self, weight: torch.Tensor, rank: int):
        super().__init__()
        bound = weight.shape[1] ** -0.5
        self.up = torch.nn.Parameter(torch.zeros(weight.shape[0], rank))
        self.down = torch.nn.Parameter(torch.empty(rank, weight.shape[1]).uniform_(-bound, bound))

    def forward(self, weight: torch.Tensor) -> torch.Tensor:
        with torch.autocast("cpu", enabled=False):
            return weight + self.up @ self.down


def add_adapter(bert: torch.nn.Module, rank: int) -> tuple[dict[str, LowRank], dict[str, torch.nn.Parameter]]:
    """Freeze the model but for low-rank updates of its encoder's matrices, and its biases and LayerNorms."""
    bert.requires_grad_(False)
    matrices = {}
    for name, module in list(bert.encoder.named_modules(prefix="encoder")):
        if isinstance(module, torch.nn.Linear):
            matrices[f"{name}.weight"] = LowRank(module.weight, rank)
            parametrize.register_parametrization(module, "weight", matrices[f"{name}.weight"])
    vectors = {
        name: weight.requires_grad_(True) for name, weight in bert.named_parameters() if weight.dim() == 1 and not name.startswith("pooler")
    }
    return matrices, vectors


def save_adapter(path: Path, late: "Late", matrices: dict, vectors: dict, before: dict, metadata: dict[str, str]) -> None:
    """Write the factors and the change of the vectors as float16, beside the old file, then rename."""
    tensors = {
        f"{name}.{part}": getattr(low, part).detach().half().contiguous() for name, low in matrices.items() for part in ("up", "down")
    }
    tensors |= {f"late.{name}": weight.detach().half().contiguous() for name, weight in late.named_parameters() if name != "null"}
    tensors |= {f"{name}.delta": (weight.detach() - before[name]).half() for name, weight in vectors.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".part")
    save_file(tensors, str(beside), metadata)
    beside.chmod(0o644)
    os.replace(beside, path)


class Late(torch.nn.Module):
    """The head of late interaction: a projection of each token's state, and a weight for each of a question's tokens."""

    def __init__(self, states: torch.Tensor, size: int) -> None:
        super().__init__()
        directions = torch.linalg.svd(states, full_matrices=False).Vh[:size]  # the plane that keeps most of the states
        self.project = torch.nn.Parameter(directions.contiguous())
        self.weigh = torch.nn.Parameter(torch.zeros(states.shape[1] + 1))
        self.null = torch.nn.Parameter(torch.tensor(1.1))  # the score (cosine + late) from which a unit counts as an answer

    def forward(self, states: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """States (n, tokens, width) -> unit vectors (n, tokens, size), and positive weights (n, tokens)."""
        return F.normalize(states @ self.project.T, dim=-1), F.softplus(states @ self.weigh[:-1] + self.weigh[-1])


class Encoder:
    """The transformer with mean pooling, over token ids that are looked up once for every text."""

    def __init__(self, model):
        self.bert, self.tokenizer, self.cache = model[0].auto_model, model.tokenizer, {}

    def tokens(self, text: str) -> torch.Tensor:
        if text not in self.cache:
            ids = self.tokenizer(text, truncation=True, max_length=MAX_TOKENS)["input_ids"]
            self.cache[text] = torch.tensor(ids)
        return self.cache[text]

    def __call__(self, texts: list[str], chunk: int = 32) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Unit-length means (n, width), states (n, tokens, width) and mask; texts of like length go through together."""
        order = sorted(range(len(texts)), key=lambda i: len(self.tokens(texts[i])))
        means, states = [], []
        with torch.autocast("cpu", torch.bfloat16), parametrize.cached():
            for start in range(0, len(order), chunk):
                rows = [self.tokens(texts[i]) for i in order[start : start + chunk]]
                ids = pad_sequence(rows, batch_first=True)
                mask = pad_sequence([torch.ones_like(row) for row in rows], batch_first=True)
                hidden = self.bert(input_ids=ids, attention_mask=mask).last_hidden_state.float()
                means.append((hidden * mask.unsqueeze(-1)).sum(1) / mask.sum(1, keepdim=True))
                states += [state[:length] for state, length in zip(hidden, mask.sum(1).tolist(), strict=True)]
        back = torch.tensor(order).argsort()
        states = [states[i] for i in back.tolist()]
        mask = pad_sequence([torch.ones(len(state), dtype=torch.bool) for state in states], batch_first=True)
        return F.normalize(torch.cat(means)[back], dim=1), pad_sequence(states, batch_first=True), mask


def late_scores(late: Late, asked: tuple, units: tuple) -> torch.Tensor:
    """Weighted mean, over a question's tokens, of each one's best cosine among a unit's tokens: (questions, units)."""
    (q, weight), q_mask = late(asked[0]), asked[1]
    u = late(units[0])[0] * units[1].unsqueeze(-1)  # padding has a cosine of nought, which no word's best is
    weight = weight * q_mask
    weight = weight / weight.sum(1, keepdim=True)
    rows = []
    for start in range(0, len(q), 8):
        cosine = torch.einsum("qid,ujd->qiuj", q[start : start + 8], u)
        best = cosine.max(-1).values  # (not amax: it would keep every cosine until the backward pass)
        rows.append(torch.einsum("qiu,qi->qu", best, weight[start : start + 8]))
    return torch.cat(rows)


def typed(text: str, rng: random.Random) -> str:
    """The text, in one of eight with a slip of the finger in one of its longer words."""
    words = text.split(" ")
    long = [i for i, word in enumerate(words) if len(word) > 4 and word.isalpha()]
    if long and rng.random() < 1 / 8:
        i = rng.choice(long)
        word, at = words[i], rng.randrange(1, len(words[i]) - 1)
        swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        words[i] = rng.choice([word[:at] + word[at + 1 :], word[:at] + word[at] + word[at:], swapped])
    return " ".join(words)


def make_steps(questions: dict[str, list[dict]], size: int, rng: random.Random) -> list[list[tuple[str, list[dict]]]]:
    """One epoch: every question once, each step about `size` questions, half of them of each of two policies."""
    groups = []
    for doc_id, asked in questions.items():
        asked = rng.sample(asked, len(asked))
        parts = max(1, round(2 * len(asked) / size))
        groups += [(doc_id, asked[i::parts]) for i in range(parts)]
    rng.shuffle(groups)
    steps = []
    while groups:
        first = groups.pop()
        other = next((group for group in groups if group[0] != first[0]), None)
        if other:
            groups.remove(other)
        steps.append([first, other] if other else [first])
    return steps


def step_loss(encode: Encoder, late: Late, groups: list, units: dict[str, list[dict]], rng: random.Random) -> torch.Tensor:
    """Each question against every unit of its own policy and most of the other policy's; see the module's docstring."""
    ids, texts, owner, asked = [], [], [], []
    for number, (doc_id, part) in enumerate(groups):
        headings = rng.random() > 1 / 3
        shown = some_units(units[doc_id], part, MOST_UNITS, rng)
        ids += [unit["id"] for unit in shown]
        texts += [unit_text(unit, headings) for unit in shown]
        owner += [number] * len(shown)
        asked += [(number, question) for question in part]
    means, states, mask = encode(texts + [typed(query_text(question), rng) for _, question in asked])
    n, owner = len(ids), torch.tensor(owner)
    cosine = means[n:] @ means[:n].T
    tokens = late_scores(late, (states[n:], mask[n:]), (states[:n], mask[:n]))
    both = cosine + tokens
    alike = (means[:n] @ means[:n].T).detach() >= ALIKE
    place = {unit_id: i for i, unit_id in enumerate(ids)}
    rows, golds, wrongs, shares, silent = [], [], [], [], []
    for row, (number, question) in enumerate(asked):
        gold = [place[unit_id] for unit_id in question["gold_unit_ids"]]
        if not gold:
            silent.append(row)
            continue
        wrong = (owner == number) | ~alike[gold[0]]
        wrong[gold + [place[unit_id] for unit_id in question["support_unit_ids"]]] = False
        for unit in gold:
            rows.append(row), golds.append(unit), wrongs.append(wrong), shares.append(1 / len(gold))
    golds, wrongs, shares = torch.tensor(golds), torch.stack(wrongs), torch.tensor(shares)
    allowed = wrongs | F.one_hot(golds, n).bool()

    def mean(losses: torch.Tensor) -> torch.Tensor:
        return (losses * shares).sum() / shares.sum()

    def with_null(scores: torch.Tensor, kept: torch.Tensor) -> torch.Tensor:
        return torch.cat([scores.masked_fill(~kept, -50), late.null.expand(len(scores), 1)], 1) / TEMPERATURE

    def last(scores: torch.Tensor) -> torch.Tensor:
        return torch.full((len(scores),), n)

    ranking = sum(
        share * mean(F.cross_entropy(score[rows].masked_fill(~allowed, -50) / TEMPERATURE, golds, reduction="none"))
        for share, score in ((0.25, cosine), (0.25, tokens), (0.5, both))
    )
    with_gold = mean(F.cross_entropy(with_null(both[rows], allowed), golds, reduction="none"))
    without = mean(F.cross_entropy(with_null(both[rows], wrongs & ~alike[golds]), last(rows), reduction="none"))
    total = ranking + SILENCE * (with_gold + without)
    if silent:
        own = owner == torch.tensor([asked[row][0] for row in silent]).unsqueeze(1)
        total = total + SILENCE * len(silent) / len(asked) * F.cross_entropy(with_null(both[silent], own), last(silent))
    return total


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, nargs="+", default=DEFAULT_DATA, help="where the lettered folders are (default: %(default)s)")
    parser.add_argument("--out", type=Path, required=True, help="the adapter.safetensors to write")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--hold-out", nargs="+", default=["J", "K", "V"], help="folders never trained on")
    parser.add_argument("--rank", type=int, default=96)
    parser.add_argument("--lr", type=float, default=1e-3, help="of the factors; a tenth of it for the vectors")
    parser.add_argument("--batch", type=int, default=96, help="questions a step")
    parser.add_argument("--late", type=int, default=128, help="width of a token's vector")
    parser.add_argument("--train-on", nargs="*", help="only these folders")
    parser.add_argument(
        "--public", type=Path, default=PUBLIC, help="where doc2dial and obliqa_dev are; without them, none (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()

    torch.set_num_threads(2)
    torch.set_flush_denormal(True)
    torch.manual_seed(args.seed)
    rng = random.Random(args.seed)
    folders = args.train_on or sorted(set(folders_of(args.data)) - set(args.hold_out))
    units, questions = load_folders(args.data, folders)
    public_units, public_questions = together(*load_public(args.public, half=0), size=6)
    units |= public_units
    model = SentenceTransformer(str(packaged()), device="cpu")
    bert = model[0].auto_model
    matrices, vectors = add_adapter(bert, args.rank)
    encode = Encoder(model)
    some = list(questions)[:8]
    sample = [query_text(q) for doc_id in some for q in questions[doc_id][:20]] + [
        unit_text(u) for doc_id in some for u in units[doc_id][:30]
    ]
    with torch.no_grad():
        _, states, mask = encode(sample)
    late = Late(F.normalize(states[mask], dim=-1), args.late)
    before = {name: weight.detach().clone() for name, weight in vectors.items()}
    factors = [weight for low in matrices.values() for weight in low.parameters()]
    optimiser = torch.optim.AdamW(
        [
            {"params": [*factors, late.weigh, late.null]},
            {"params": [late.project], "lr": args.lr / 3},
            {"params": vectors.values(), "lr": args.lr / 10},
        ],
        lr=args.lr,
        weight_decay=0.0,
    )

    def epoch() -> list:
        part = {doc_id: rng.sample(asked, min(len(asked), MOST_QUESTIONS)) for doc_id, asked in public_questions.items()}
        return make_steps(questions | part, args.batch, rng)

    epochs = [epoch() for _ in range(args.epochs)]
    plan = [step for epoch in epochs for step in epoch]
    ends = {sum(map(len, epochs[: number + 1])) for number in range(args.epochs)}
    warm = len(plan) // 10
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / (warm + 1), (len(plan) - step) / (len(plan) - warm))
    )
    metadata = {
        "format_version": "1",
        "base_model": "sentence-transformers/all-MiniLM-L6-v2",
        "rank": str(args.rank),
        "trained_on": "staff_questions " + "+".join(folders) + (", half of doc2dial and obliqa_dev" if public_questions else ""),
        "epochs": str(args.epochs),
        "seed": str(args.seed),
    }
    asked, public = (sum(map(len, found.values())) for found in (questions, public_questions))
    print(f"{'+'.join(folders)}: {asked} questions, {public} public ones to draw from, {len(plan)} steps", flush=True)

    started, losses = time.time(), []
    bert.train()
    for number, groups in enumerate(plan, 1):
        loss = step_loss(encode, late, groups, units, rng)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_([*factors, *vectors.values(), *late.parameters()], 1.0)
        optimiser.step()
        schedule.step()
        losses.append(loss.item())
        if number % 40 == 0 or number == len(plan):
            mean = sum(losses[-40:]) / len(losses[-40:])
            print(f"step {number} loss {mean:.3f} {time.time() - started:.0f} s", flush=True)
        if number in ends:  # so that a run that is cut short leaves its last whole epoch
            save_adapter(args.out, late, matrices, vectors, before, metadata)
    bert.eval()


if __name__ == "__main__":
    main()
