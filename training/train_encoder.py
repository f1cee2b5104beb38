"""Fine-tune all-MiniLM-L6-v2 on the staff questions and write the change as a low-rank adapter."""

import argparse
import json
import os
import random
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import save_file

from evaluate_encoder import DEFAULT_DATA, evaluate, load_base, load_folders, query_text, unit_text

FROZEN = ("embeddings.word_embeddings", "embeddings.position_embeddings", "embeddings.token_type", "pooler")


def save_adapter(path: Path, before: dict, after: dict, rank: int | None, metadata: dict) -> None:
    """Write after - before as float16: weight matrices cut to a rank (None: whole), vectors as they are."""
    tensors = {}
    for name, weight in after.items():
        delta = (weight - before[name]).float()
        if delta.dim() == 2 and rank is not None:
            left, sizes, right = torch.linalg.svd(delta, full_matrices=False)
            root = sizes[:rank].sqrt()
            tensors[f"{name}.up"] = (left[:, :rank] * root).half().contiguous()
            tensors[f"{name}.down"] = (root[:, None] * right[:rank]).half().contiguous()
        else:
            tensors[f"{name}.delta"] = delta.half().contiguous()
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".part")
    save_file(tensors, str(beside), {"format_version": "1", "rank": str(rank or "full"), **metadata})
    os.replace(beside, path)


class Encoder:
    """The transformer with mean pooling, over token ids that are looked up once for every text."""

    def __init__(self, model, max_tokens: int):
        self.bert, self.tokenizer, self.max_tokens, self.cache = model[0].auto_model, model.tokenizer, max_tokens, {}

    def tokens(self, text: str) -> list[int]:
        if text not in self.cache:
            self.cache[text] = self.tokenizer(text, truncation=True, max_length=self.max_tokens)["input_ids"]
        return self.cache[text]

    def __call__(self, texts: list[str], chunk: int = 32) -> torch.Tensor:
        """Unit-length vectors; texts of like length are padded together."""
        order = sorted(range(len(texts)), key=lambda i: len(self.tokens(texts[i])))
        vectors = []
        for start in range(0, len(order), chunk):
            rows = [torch.tensor(self.tokens(texts[i])) for i in order[start:start + chunk]]
            ids = torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)
            mask = torch.nn.utils.rnn.pad_sequence([torch.ones_like(r) for r in rows], batch_first=True)
            hidden = self.bert(input_ids=ids, attention_mask=mask).last_hidden_state.float()
            weights = mask.unsqueeze(-1).float()
            vectors.append((hidden * weights).sum(1) / weights.sum(1))
        return F.normalize(torch.cat(vectors)[torch.tensor(order).argsort()], dim=1)


def batches(questions: dict, size: int, policies: int, rng: random.Random):
    """Each step: a few questions of each of several policies; every question once an epoch."""
    groups = []
    for doc_id, asked in questions.items():
        asked = rng.sample(asked, len(asked))
        parts = max(1, round(len(asked) * policies / size))
        groups += [(doc_id, asked[i::parts]) for i in range(parts)]
    rng.shuffle(groups)
    while groups:
        step, groups = groups[:1], groups[1:]
        for group in list(groups):
            if len(step) == policies:
                break
            if group[0] not in {g[0] for g in step}:
                step.append(group)
                groups.remove(group)
        yield step


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(DEFAULT_DATA))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--epochs", type=float, default=1)
    parser.add_argument("--hold-out", nargs="+", default=["J", "K"])
    parser.add_argument("--evaluate-on", nargs="*", default=None)
    parser.add_argument("--ranks", nargs="*", type=int, default=[16, 32, 64])
    parser.add_argument("--lr", type=float, default=5e-5)
    parser.add_argument("--temperature", type=float, default=0.05)
    parser.add_argument("--batch", type=int, default=48)
    parser.add_argument("--policies", type=int, default=2)
    parser.add_argument("--sym", type=float, default=0)
    parser.add_argument("--unans", type=float, default=0)
    parser.add_argument("--margin", type=float, default=0)
    parser.add_argument("--max-tokens", type=int, default=96)
    parser.add_argument("--max-steps", type=int, default=0)
    parser.add_argument("--bf16", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()

    torch.set_num_threads(2)
    torch.set_flush_denormal(True)
    torch.manual_seed(args.seed)
    rng = random.Random(args.seed)
    folders = sorted(p.name for p in args.data.iterdir() if p.is_dir() and p.name not in args.hold_out)
    units, questions = load_folders(args.data, folders)
    if not args.unans:
        questions = {d: [q for q in asked if q["answerable"]] for d, asked in questions.items()}
    total = sum(map(len, questions.values()))
    model = load_base()
    bert = model[0].auto_model
    for name, weight in bert.named_parameters():
        weight.requires_grad = not name.startswith(FROZEN)
    trained = {n: w for n, w in bert.named_parameters() if w.requires_grad}
    before = {n: w.detach().clone() for n, w in trained.items()}
    encode = Encoder(model, args.max_tokens)

    steps_epoch = len(list(batches(questions, args.batch, args.policies, random.Random(0))))
    steps = args.max_steps or round(steps_epoch * args.epochs)
    bias = torch.nn.Parameter(torch.tensor(0.5))
    groups = [{"params": [w for w in trained.values() if w.dim() > 1], "weight_decay": 0.01},
              {"params": [w for w in trained.values() if w.dim() < 2], "weight_decay": 0.0}]
    if args.unans:
        groups.append({"params": [bias], "lr": 1e-2, "weight_decay": 0.0})
    optimiser = torch.optim.AdamW(groups, lr=args.lr)
    warm = max(1, steps // 10)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda s: min((s + 1) / warm, max(0.02, (steps - s) / max(1, steps - warm))))
    print(f"{'+'.join(folders)}: {total} questions, {sum(map(len, units.values()))} units, {steps} steps", flush=True)

    started, step, losses = time.time(), 0, []
    bert.train()
    while step < steps:
        for groups in batches(questions, args.batch, args.policies, rng):
            unit_texts, owner, ids, query_texts, asked = [], [], [], [], []
            for number, (doc_id, part) in enumerate(groups):
                headings = rng.random() > 1 / 3
                unit_texts += [unit_text(u, headings) for u in units[doc_id]]
                ids += [u["id"] for u in units[doc_id]]
                owner += [number] * len(units[doc_id])
                query_texts += [query_text(q) for q in part]
                asked += [(number, q) for q in part]
            with torch.autocast("cpu", torch.bfloat16, enabled=args.bf16):
                vectors = encode(unit_texts + query_texts)
            scores = vectors[len(ids):] @ vectors[:len(ids)].T
            logits = scores / args.temperature
            index = {unit_id: i for i, unit_id in enumerate(ids)}
            owners = torch.tensor(owner)
            # a unit of another policy too like the question's gold unit might answer it as well
            with torch.no_grad():
                like = vectors[:len(ids)] @ vectors[:len(ids)].T
            rows, golds, allowed, weights = [], [], [], []
            answer = torch.zeros_like(logits, dtype=torch.bool)
            for i, (number, q) in enumerate(asked):
                gold = [index[g] for g in q["gold_unit_ids"]]
                answer[i, gold] = True
                if not gold:
                    continue
                keep = (owners == number) | (like[gold[0]] < 0.6)
                keep[gold + [index[s] for s in q["support_unit_ids"]]] = False
                for g in gold:
                    mask = keep.clone()
                    mask[g] = True
                    rows.append(i), golds.append(g), allowed.append(mask), weights.append(1 / len(gold))
            allowed, weights = torch.stack(allowed), torch.tensor(weights)
            golds_t = torch.tensor(golds)
            pair_logits = logits[rows].masked_fill(~allowed, -1e4)
            if args.margin:
                pair_logits = pair_logits - F.one_hot(golds_t, len(ids)) * args.margin / args.temperature
            loss = (F.cross_entropy(pair_logits, golds_t, reduction="none") * weights).sum() / weights.sum()
            if args.sym:
                # the other way: a gold unit should score its own question above the others
                back = logits[:, golds].T                      # pair x question
                ok = torch.tensor([[j == r or not (answer[j, g]) for j in range(len(asked))] for r, g in zip(rows, golds)])
                back = back.masked_fill(~ok, -1e4)
                loss = loss + args.sym * (F.cross_entropy(back, torch.tensor(rows), reduction="none") * weights).sum() / weights.sum()
            if args.unans:
                own = owners[None] == torch.tensor([n for n, _ in asked])[:, None]
                yes = torch.tensor([float(q["answerable"]) for _, q in asked])
                top = torch.where(yes > 0, scores.masked_fill(~answer, -1).max(1).values, scores.masked_fill(~own, -1).max(1).values)
                loss = loss + args.unans * F.binary_cross_entropy_with_logits((top - bias) * 10, yes)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(trained.values(), 1.0)
            optimiser.step()
            schedule.step()
            losses.append(loss.item())
            step += 1
            if step % 20 == 0 or step == steps:
                print(f"step {step}/{steps} loss {np.mean(losses[-20:]):.3f} {time.time() - started:.0f} s", flush=True)
            if step >= steps:
                break
    bert.eval()
    seconds = time.time() - started
    after = {n: w.detach() for n, w in trained.items()}
    meta = {"base_model": "sentence-transformers/all-MiniLM-L6-v2", "trained_on": "+".join(folders)}
    save_adapter(args.out / "adapter-full.safetensors", before, after, None, meta)
    for rank in args.ranks:
        save_adapter(args.out / f"adapter-r{rank}.safetensors", before, after, rank, meta)
    test = args.hold_out if args.evaluate_on is None else args.evaluate_on
    if test:
        print(json.dumps({"args": {k: str(v) for k, v in vars(args).items()}, "seconds": round(seconds), **{k: round(v, 4) for k, v in evaluate(model, args.data, test).items()}}))


if __name__ == "__main__":
    main()
