"""Fine-tune all-MiniLM-L6-v2 on the staff questions, as a low-rank adapter.

    HF_HUB_OFFLINE=1 python training/train_encoder.py --out adapter.safetensors

Data: the answerable questions of folders A to I and L to Q (8,898) with all units of their policies; J and K are held out.
The unanswerable questions have no right unit and are left out.

Loss: a step takes about 64 questions of two policies and encodes every unit of both once. Each question is a softmax
over them (cosine / 0.05), with its gold unit as the target. So the listed hard negatives and every other unit of the
policy are negatives at each step, and nothing has to be mined. Not counted as negatives: other gold and support units
of the question, and units of the other policy that are like its gold unit (cosine 0.6 or more). Two questions with the
same gold unit share one row and never push each other away. For a third of the policies in a step the headings are left out.

Trained: rank-32 updates of the 36 weight matrices of the six layers, the biases and LayerNorms. The embedding tables are
frozen. AdamW, five epochs, learning rate 1e-3 (vectors 1e-4), a tenth of the steps as warm-up, then linear to nought;
bfloat16 autocast. Two runs of one epoch over folder A on one machine gave the same tensors, bit for bit (the file's hash may
differ: its header's keys have no fixed order); another processor or PyTorch version may round otherwise.

Time: 1,219 s for the 700 steps on two cores that were shared with other work (1.5 s a step when alone).

Figures on J and K (1,686 answerable questions, 387 unanswerable), headings in the text:

                                              hit@1  hit@3  MRR    AUROC
    base model                                0.406  0.610  0.545  0.453
    this script: five epochs, rank 32         0.677  0.854  0.779  0.635
      without folders L to Q                  0.651  0.853  0.763  0.610
    whole matrices, two epochs                0.632  0.827  0.744  0.578
      the same, cut to rank 64 by SVD         0.619  0.819  0.735  0.571
      the same, cut to rank 32 by SVD         0.609  0.811  0.728  0.565
      the same, cut to rank 16 by SVD         0.595  0.807  0.718  0.555

The whole matrices do not fit a small file and lose by being cut afterwards, so the factors are trained directly. The
first two training rows differ in epochs (five, two) and batch (64, 48) too: they do not compare the two methods.
The last hundred steps have a loss of 0.65, so more epochs on the same questions would mostly learn them by heart.
"""

import argparse
import json
import os
import random
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from evaluate_encoder import DEFAULT_DATA, evaluate, folders_of, load_base, load_folders, query_text, unit_text
from safetensors.torch import save_file
from torch.nn.utils import parametrize
from torch.nn.utils.rnn import pad_sequence

TEMPERATURE = 0.05
MAX_TOKENS = 96  # the longest text of the data has 92
ALIKE = 0.6  # a unit of another policy this close to the gold unit is no negative: it might answer too


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


def save_adapter(path: Path, matrices: dict, vectors: dict, before: dict, metadata: dict[str, str]) -> None:
    """Write the factors and the change of the vectors as float16, beside the old file, then rename."""
    tensors = {
        f"{name}.{part}": getattr(low, part).detach().half().contiguous() for name, low in matrices.items() for part in ("up", "down")
    }
    tensors |= {f"{name}.delta": (weight.detach() - before[name]).half() for name, weight in vectors.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".part")
    save_file(tensors, str(beside), metadata)
    beside.chmod(0o644)
    os.replace(beside, path)


class Encoder:
    """The transformer with mean pooling, over token ids that are looked up once for every text."""

    def __init__(self, model):
        self.bert, self.tokenizer, self.cache = model[0].auto_model, model.tokenizer, {}

    def tokens(self, text: str) -> torch.Tensor:
        if text not in self.cache:
            ids = self.tokenizer(text, truncation=True, max_length=MAX_TOKENS)["input_ids"]
            self.cache[text] = torch.tensor(ids)
        return self.cache[text]

    def __call__(self, texts: list[str], chunk: int = 32) -> torch.Tensor:
        """Unit-length vectors; texts of like length are padded together."""
        order = sorted(range(len(texts)), key=lambda i: len(self.tokens(texts[i])))
        means = []
        with torch.autocast("cpu", torch.bfloat16), parametrize.cached():
            for start in range(0, len(order), chunk):
                rows = [self.tokens(texts[i]) for i in order[start : start + chunk]]
                ids = pad_sequence(rows, batch_first=True)
                mask = pad_sequence([torch.ones_like(row) for row in rows], batch_first=True)
                hidden = self.bert(input_ids=ids, attention_mask=mask).last_hidden_state.float()
                means.append((hidden * mask.unsqueeze(-1)).sum(1) / mask.sum(1, keepdim=True))
        return F.normalize(torch.cat(means)[torch.tensor(order).argsort()], dim=1)


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


def step_loss(encode: Encoder, groups: list, units: dict[str, list[dict]], rng: random.Random) -> torch.Tensor:
    """Each question against every unit of its own policy and most of the other policy's."""
    ids, texts, owner, asked = [], [], [], []
    for number, (doc_id, part) in enumerate(groups):
        headings = rng.random() > 1 / 3
        ids += [unit["id"] for unit in units[doc_id]]
        texts += [unit_text(unit, headings) for unit in units[doc_id]]
        owner += [number] * len(units[doc_id])
        asked += [(number, question) for question in part]
    vectors = encode(texts + [query_text(question) for _, question in asked])
    unit_vectors, scores = vectors[: len(ids)], vectors[len(ids) :] @ vectors[: len(ids)].T
    alike = (unit_vectors @ unit_vectors.T).detach()
    place, owner = {unit_id: i for i, unit_id in enumerate(ids)}, torch.tensor(owner)
    rows, golds, negatives, weights = [], [], [], []
    for row, (number, question) in enumerate(asked):
        gold = [place[unit_id] for unit_id in question["gold_unit_ids"]]
        negative = (owner == number) | (alike[gold[0]] < ALIKE)
        negative[gold + [place[unit_id] for unit_id in question["support_unit_ids"]]] = False
        for unit in gold:
            rows.append(row), golds.append(unit), negatives.append(negative), weights.append(1 / len(gold))
    golds, weights = torch.tensor(golds), torch.tensor(weights)
    allowed = torch.stack(negatives) | F.one_hot(golds, len(ids)).bool()
    logits = (scores[rows] / TEMPERATURE).masked_fill(~allowed, -1e4)
    return (F.cross_entropy(logits, golds, reduction="none") * weights).sum() / weights.sum()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, nargs="+", default=DEFAULT_DATA, help="where the lettered folders are (default: %(default)s)")
    parser.add_argument("--out", type=Path, required=True, help="the adapter.safetensors to write")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--hold-out", nargs="+", default=["J", "K"], help="folders never trained on")
    parser.add_argument("--evaluate-on", nargs="*", help="folders to measure at the end (default: the held-out ones)")
    parser.add_argument("--rank", type=int, default=32)
    parser.add_argument("--lr", type=float, default=1e-3, help="of the factors; a tenth of it for the vectors")
    parser.add_argument("--batch", type=int, default=64, help="questions a step")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()

    torch.set_num_threads(2)
    torch.set_flush_denormal(True)
    torch.manual_seed(args.seed)
    rng = random.Random(args.seed)
    folders = sorted(set(folders_of(args.data)) - set(args.hold_out))
    units, questions = load_folders(args.data, folders)
    questions = {doc_id: [q for q in asked if q["answerable"]] for doc_id, asked in questions.items()}
    model = load_base()
    bert = model[0].auto_model
    matrices, vectors = add_adapter(bert, args.rank)
    before = {name: weight.detach().clone() for name, weight in vectors.items()}
    factors = [weight for low in matrices.values() for weight in low.parameters()]
    optimiser = torch.optim.AdamW([{"params": factors}, {"params": vectors.values(), "lr": args.lr / 10}], lr=args.lr, weight_decay=0.0)
    epochs = [make_steps(questions, args.batch, rng) for _ in range(args.epochs)]
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
        "trained_on": "staff_questions " + "+".join(folders),
        "epochs": str(args.epochs),
        "seed": str(args.seed),
    }
    print(f"{'+'.join(folders)}: {sum(map(len, questions.values()))} questions, {len(plan)} steps", flush=True)

    encode, started, losses = Encoder(model), time.time(), []
    bert.train()
    for number, groups in enumerate(plan, 1):
        loss = step_loss(encode, groups, units, rng)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_([*factors, *vectors.values()], 1.0)
        optimiser.step()
        schedule.step()
        losses.append(loss.item())
        if number % 40 == 0 or number == len(plan):
            mean = sum(losses[-40:]) / len(losses[-40:])
            print(f"step {number} loss {mean:.3f} {time.time() - started:.0f} s", flush=True)
        if number in ends:  # so that a run that is cut short leaves its last whole epoch
            save_adapter(args.out, matrices, vectors, before, metadata)
    bert.eval()
    evaluate_on = args.hold_out if args.evaluate_on is None else args.evaluate_on
    if evaluate_on:
        print(json.dumps(evaluate(model, args.data, evaluate_on)))


if __name__ == "__main__":
    main()
