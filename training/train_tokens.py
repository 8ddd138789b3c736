"""Trains the token encoder on latents: python train_tokens.py [--minutes 6]. Resumes from
runs/token_encoder.pt.

It reads each slot's word off a picture's latent; its answer is where Eq. 2 starts from. Cross-entropy
over the slot's words, latents with a little noise.
"""

import argparse
import math
import time
from pathlib import Path

import torch
import torch.nn.functional as F

from data import Vocabulary, load_split
from likewise_model import TEXT_WIDTH, TokenEncoder

HERE = Path(__file__).parent


def labels(vocabulary: Vocabulary, captions: list[list[str]]) -> torch.Tensor:
    """int64 [N, 10]: each word's place among its slot's words."""
    places = [{word: i for i, word in enumerate(slot)} for slot in vocabulary.slots]
    return torch.tensor([[p[w] for p, w in zip(places, caption)] for caption in captions])


@torch.no_grad()
def accuracy(model, z, y):
    """Share of right words by slot, on held-out attribute sets."""
    return [(l.argmax(1) == y[:, i]).float().mean().item() for i, l in enumerate(model.logits(z))]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=6)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--data", type=Path, default=HERE / "data")
    parser.add_argument("--runs", type=Path, default=HERE / "runs")
    args = parser.parse_args()
    torch.manual_seed(0)
    captions, held_captions, vocabulary, (z, _), (held, _), _ = load_split(args.data, args.runs / "vae.pt")
    y, held_y = labels(vocabulary, captions), labels(vocabulary, held_captions)
    # The words' embeddings are set at export: the text encoder may still be training.
    model = TokenEncoder(torch.zeros(len(vocabulary), TEXT_WIDTH), vocabulary).to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(model.parameters(), lr=1, weight_decay=0.05, fused=True)
    path, step, spent = args.runs / "token_encoder.pt", 0, 0.0
    if path.exists():
        state = torch.load(path, map_location="cpu")
        model.load_state_dict(state["token_encoder"])
        if "optimiser" in state:
            optimiser.load_state_dict(state["optimiser"])
        step, spent = state.get("step", 0), state.get("spent", 0.0)
    began, saved = time.time() - spent, time.time()
    while (progress := (time.time() - began) / (args.minutes * 60)) < 1:
        optimiser.param_groups[0]["lr"] = 1e-3 * min(1, (step + 1) / 100) * (0.5 + 0.5 * math.cos(math.pi * progress)) + 1e-6
        rows = torch.randint(len(z), (args.batch,))
        x = z[rows]
        x = x + torch.rand(len(x), 1, 1, 1) * 0.3 * torch.randn_like(x)
        loss = sum(F.cross_entropy(l, y[rows, i], label_smoothing=0.02) for i, l in enumerate(model.logits(x.to(memory_format=torch.channels_last))))
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        step += 1
        if step % 200 == 0:
            shares = " ".join(f"{a:.3f}" for a in accuracy(model, held, held_y))
            print(f"step {step} loss {loss.item():.3f} heldout {shares}", flush=True)
        if time.time() - saved > 60:
            saved = time.time()
            save(path, model, optimiser, step, saved - began)
    save(path, model, optimiser, step, time.time() - began)
    print("done", accuracy(model, held, held_y))


def save(path, model, optimiser, step, spent):
    temporary = path.with_suffix(".tmp")
    torch.save({"token_encoder": model.state_dict(), "optimiser": optimiser.state_dict(),
                "step": step, "spent": spent}, temporary)
    temporary.rename(path)


if __name__ == "__main__":
    main()
