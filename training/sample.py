"""Draws held-out captions with the trained parts: python sample.py OUT.png [--count 40]."""

import argparse
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from data import Vocabulary, pictures, words
from likewise_model import LATENT, LATENT_SIDE, Decoder, Schedule, TextEncoder, UNet

HERE = Path(__file__).parent


@torch.inference_mode()
def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--guidance", type=float, default=2)
    parser.add_argument("--data", type=Path, default=HERE / "data")
    parser.add_argument("--runs", type=Path, default=HERE / "runs")
    args = parser.parse_args()
    captions = words(args.data, "heldout")[: args.count]
    vocabulary = Vocabulary(words(args.data, "train") + words(args.data, "heldout"))
    text, unet, decoder = TextEncoder(len(vocabulary)), UNet(), Decoder()
    state = torch.load(args.runs / "unet.pt", map_location="cpu")
    for p, a in zip([*text.parameters(), *unet.parameters()], state["average"]):
        p.copy_(a)
    decoder.load_state_dict(torch.load(args.runs / "vae.pt", map_location="cpu")["decoder"])
    abar, steps = Schedule().abar, list(range(901, 0, -100))
    c, empty = text(vocabulary.encode(captions))[0], text(vocabulary.encode([[]]))[0]
    x = torch.randn(args.count, LATENT, LATENT_SIDE, LATENT_SIDE, generator=torch.Generator().manual_seed(0))
    for t in steps:
        ts = torch.full((args.count,), float(t))
        plain = unet(x, ts, empty.expand_as(c))
        noise = plain + args.guidance * (unet(x, ts, c) - plain)
        now, then = abar[t], abar[max(t - 100, 0)]
        z = (x - (1 - now).sqrt() * noise) / now.sqrt()
        x = then.sqrt() * z + (1 - then).sqrt() * noise
    drawn = decoder(x / state["factor"]).clamp(-1, 1).add(1).mul(127.5).round().byte().permute(0, 2, 3, 1).numpy()
    truth = pictures(args.data, "heldout")[: args.count]
    rows = [np.concatenate([*pair[: 10]], axis=1) for i in range(0, args.count, 10) for pair in (truth[i : i + 10], drawn[i : i + 10])]
    Image.fromarray(np.concatenate(rows)).save(args.out)


if __name__ == "__main__":
    main()
