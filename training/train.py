"""Trains text encoder and U-Net: python train.py [--minutes 75] [--processes 2]. Resumes from runs/unet.pt.

On a CPU, a process of one thread a core that averages its gradients with the others' beats one
process of many threads, which wait for each other in every operation.

Epsilon prediction on SD's schedule. Five things beside the usual:
- each timestep's error counts relative to what is usual there: what a caption says shows at middle
  and high t, where errors are a hundredth of those at low t, and plain means would pass it over;
- every caption has one word a slot; a tenth of the words, and a tenth of whole captions, are blank;
- half of the contexts are sums, c(b) + c(a') - c(a), where a' and a differ in one word, and b is the
  picture's caption without that word: directions are then what Eq. 1 of the paper takes them for;
- token embeddings carry a little noise, so that those that optimisation finds, which are in no
  vocabulary, mean what their neighbours mean.
"""

import argparse
import os
import random
import time
from pathlib import Path

import torch
import torch.distributed as dist
import torch.multiprocessing as mp

from data import Vocabulary, is_held_out, latents, load_split
from likewise_model import LATENT, LATENT_SIDE, Schedule, TextEncoder, UNet
from weights import load_onnx

HERE = Path(__file__).parent
EMA, TOKEN_NOISE, BLANK, SUMS, BAND = 0.998, 0.1, 0.1, 0.5, 50


class Captions:
    """Draws contexts for pictures: plain captions, blanked ones and sums."""

    def __init__(self, vocabulary: Vocabulary, captions: list[list[str]], seed: int):
        self.vocabulary, self.captions = vocabulary, captions
        self.ids = vocabulary.encode(captions)
        self.random = random.Random(seed)
        eos = torch.full((1, self.ids.shape[1]), vocabulary.eos)
        eos[0, 0] = vocabulary.bos
        self.empty = eos
        # What a style can draw in a slot: other words would teach sums of things never seen.
        self.choices: dict[tuple[str, int], list[str]] = {}
        for caption in captions:
            for slot, word in enumerate(caption):
                seen = self.choices.setdefault((caption[0], slot), [])
                if word not in seen:
                    seen.append(word)

    def token(self, word: str) -> int:
        return self.vocabulary.ids[word + "</w>"]

    def draw(self, rows: torch.Tensor):
        """rows [B] -> ids [4 B, 16] of (x or b, a', a) and whether each is a sum [B]."""
        x = self.ids[rows].clone()
        plus, minus = x.clone(), x.clone()
        summed = torch.zeros(len(rows), dtype=torch.bool)
        for i, row in enumerate(rows.tolist()):
            caption = self.captions[row]
            if self.random.random() < SUMS:
                slot = self.random.randrange(1, len(caption))
                others = [w for w in self.choices[caption[0], slot] if w != caption[slot]]
                row_of = self.random.randrange(len(self.captions))
                if others:
                    other = self.random.choice(others)
                    if any(is_held_out([*c[:slot], w, *c[slot + 1 :]]) for c, w in
                           [(caption, other), (self.captions[row_of], other), (self.captions[row_of], caption[slot])]):
                        continue
                    plus[i], minus[i] = self.ids[row_of], self.ids[row_of]
                    plus[i, slot + 1], minus[i, slot + 1] = self.token(caption[slot]), self.token(other)
                    x[i, slot + 1] = self.token(other)
                    summed[i] = True
        blank = torch.rand(x.shape) < BLANK
        blank[:, 0] = False
        blank[summed] = False
        x[blank] = self.vocabulary.eos
        whole = (torch.rand(len(rows)) < BLANK) & ~summed
        x[whole] = self.empty
        return x, plus, minus, summed


def contexts(text: TextEncoder, drawn):
    """Features [B, 16, 128] of a draw: c(x), or c(b) + c(a') - c(a)."""
    x, plus, minus, summed = drawn
    pairs = summed.nonzero()[:, 0]
    ids = torch.cat([x, plus[pairs], minus[pairs]])
    embeddings = text.tokens(ids)
    # The noise of a' and a is the same, but for the word that differs: as an inversion of A'
    # that starts from A's tokens would have it.
    scale = TOKEN_NOISE * text.tokens.weight.detach().square().mean().sqrt()
    noise = scale * torch.randn_like(embeddings)
    n, p = len(x), len(pairs)
    noise[n + p :] = torch.where((ids[n : n + p] == ids[n + p :])[..., None], noise[n : n + p], noise[n + p :])
    c = text.encode(embeddings + noise)
    return c[:n].index_add(0, pairs, c[n : n + p] - c[n + p :])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=75)
    parser.add_argument("--batch", type=int, default=16, help="of each process")
    parser.add_argument("--processes", type=int, help="default: 1 on a GPU, else one a core")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--bf16", action="store_true", help="for processors that multiply bfloat16 natively")
    parser.add_argument("--rate", type=float, default=1.2e-3)
    parser.add_argument("--data", type=Path, default=HERE / "data")
    parser.add_argument("--runs", type=Path, default=HERE / "runs")
    parser.add_argument("--start", type=Path, help="an exported model to begin from, where runs/ has no state")
    args = parser.parse_args()
    args.processes = args.processes or (os.cpu_count() if args.device == "cpu" else 1)
    for split in ("train", "heldout"):
        latents(args.data, args.runs / "vae.pt", split)
    # One name for all: processes that each read the clock may come to different ones, and wait for ever.
    rendezvous = args.runs.resolve() / f"rendezvous-{time.time_ns()}"
    mp.spawn(train, (args, rendezvous), nprocs=args.processes)


def train(rank: int, args, rendezvous: Path) -> None:
    """One process of the training; process 0 reports and saves."""
    dist.init_process_group("gloo", f"file://{rendezvous}", rank=rank, world_size=args.processes)
    device = torch.device(args.device)
    if args.processes > 1:
        torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    torch.manual_seed(0)
    captions, held_captions, vocabulary, (z, weights), held, factor = load_split(args.data, args.runs / "vae.pt")
    held_ids = vocabulary.encode(held_captions)
    text, unet = TextEncoder(len(vocabulary)).to(device), UNet().to(device)
    parameters = [*text.parameters(), *unet.parameters()]
    optimiser = torch.optim.AdamW(parameters, lr=1, betas=(0.9, 0.98), weight_decay=0.01, fused=True)
    if args.start:
        load_onnx(text, args.start / "text_encoder" / "model.onnx")
        load_onnx(unet, args.start / "unet" / "model.onnx")
    average = [p.detach().clone() for p in parameters]
    path, step, spent = args.runs / "unet.pt", 0, 0.0
    if path.exists():
        state = torch.load(path, map_location=device)
        text.load_state_dict(state["text"])
        unet.load_state_dict(state["unet"])
        optimiser.load_state_dict(state["optimiser"])
        average, step, spent = state["average"], state["step"], state["spent"]
    draw, schedule = Captions(vocabulary, captions, 1000 * step + rank), Schedule()
    torch.manual_seed(1000 * step + rank)
    usual, first = torch.full((1000 // BAND,), 0.1, device=device), step
    sizes = [p.numel() for p in parameters]
    shared = torch.zeros(sum(sizes) + 2, device=device)
    views = [v.view_as(p) for v, p in zip(shared[:-2].split(sizes), parameters)]

    def save():
        temporary = path.with_suffix(".tmp")
        torch.save({"text": text.state_dict(), "unet": unet.state_dict(), "optimiser": optimiser.state_dict(),
                    "average": average, "step": step, "spent": elapsed, "factor": factor}, temporary)
        temporary.rename(path)

    def report():
        return evaluate(text, unet, average, parameters, held, held_ids, draw.empty, schedule)

    total, began, saved, losses, elapsed = args.processes * args.batch, time.time() - spent, time.time(), [], spent
    while elapsed < args.minutes * 60:
        rate = args.rate * min(1, (step + 1) / 200) * (1 - elapsed / (args.minutes * 60)) + 1e-5
        optimiser.param_groups[0]["lr"] = rate
        rows = torch.randint(len(z), (args.batch,))
        # Stratified timesteps, over all processes: the loss differs 100-fold between them.
        strata = torch.arange(args.batch) * args.processes + rank
        t = ((strata + torch.rand(args.batch)) * (1000 / total)).long()
        noise = torch.randn(args.batch, LATENT, LATENT_SIDE, LATENT_SIDE)
        noisy, drawn = schedule.add(z[rows], noise, t), draw.draw(rows)
        noisy, noise, t, weight = noisy.to(device), noise.to(device), t.to(device), weights[rows].to(device)
        with torch.autocast(device.type, torch.bfloat16, enabled=args.bf16):
            predicted = unet(noisy, t.float(), contexts(text, [part.to(device) for part in drawn]))
        errors = (weight * (predicted.float() - noise).square()).mean(dim=(1, 2, 3))
        bands = t // BAND
        usual[bands] = usual[bands].lerp(errors.detach(), 0.05 if step > first + 20 else 0.5)
        optimiser.zero_grad()
        (0.1 * errors / usual[bands]).mean().backward()
        torch._foreach_copy_(views, [p.grad for p in parameters])
        # The clock travels with the gradients: all processes must agree on rate and end.
        shared[-2], shared[-1] = errors.mean().item(), time.time() - began
        if args.processes > 1:
            dist.all_reduce(shared)
        shared.div_(args.processes)
        torch._foreach_copy_([p.grad for p in parameters], views)
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        step, elapsed = step + 1, shared[-1].item()
        losses.append(shared[-2].item())
        if rank:
            continue
        decay = min(EMA, (1 + step) / (10 + step))
        torch._foreach_lerp_(average, [p.detach() for p in parameters], 1 - decay)
        if step % 50 == 0:
            print(f"step {step} {elapsed:.0f}s loss {sum(losses) / len(losses):.4f}", flush=True)
            losses = []
        if step % 500 == 0:
            print("  heldout, caption/empty:", report(), flush=True)
        if time.time() - saved > 120:
            saved = time.time()
            save()
    if rank == 0:
        save()
        print(f"done: step {step}", report())
    dist.destroy_process_group()


@torch.no_grad()
def evaluate(text, unet, average, parameters, held, ids, empty, schedule, count=64):
    """Held-out loss of the averaged weights at three timesteps, true caption / empty caption; then
    the same where words show more than elsewhere."""
    z, weights = held
    shown = (weights[:count] > 2).expand(-1, z.shape[1], -1, -1)
    device = parameters[0].device
    kept = [p.detach().clone() for p in parameters]
    for p, a in zip(parameters, average):
        p.copy_(a)
    noise = torch.randn(count, *z.shape[1:], generator=torch.Generator().manual_seed(0))
    report = []
    for t in (101, 401, 701):
        ts = torch.full((count,), t)
        noisy = schedule.add(z[:count], noise, ts).to(device)
        errors = [(unet(noisy, ts.float().to(device), text(i.to(device))[0]).cpu() - noise).square()
                  for i in (ids[:count], empty.expand(count, -1))]
        report.append(f"t={t} " + "/".join(f"{e.mean():.4f}" for e in errors)
                      + " (" + "/".join(f"{e[shown].mean():.4f}" for e in errors) + ")")
    for p, k in zip(parameters, kept):
        p.copy_(k)
    return "  ".join(report)


if __name__ == "__main__":
    main()
