"""Trains the autoencoder: python train_vae.py [--minutes 15]. Resumes from runs/vae.pt."""

import argparse
import math
import time
from pathlib import Path

import torch
import torch.nn.functional as F

from data import pictures, to_pixels
from likewise_model import Decoder, Encoder
from weights import load_onnx

HERE = Path(__file__).parent


def gradient_loss(a, b):
    """L1 of the differences between neighbours: keeps outlines sharp."""
    dx = (a.diff(dim=-1) - b.diff(dim=-1)).abs().mean()
    return dx + (a.diff(dim=-2) - b.diff(dim=-2)).abs().mean()


def evaluate(encoder, decoder, data, count=128):
    """PSNR in dB over held-out pictures, peak 2 (pixels in [-1, 1])."""
    with torch.no_grad():
        x = to_pixels(data[:count]).to(next(decoder.parameters()).device)
        error = (decoder(encoder(x).chunk(2, 1)[0]).clamp(-1, 1) - x).square().mean(dim=(1, 2, 3))
    return (10 * torch.log10(4 / error)).mean().item()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--bf16", action="store_true", help="for processors that multiply bfloat16 natively")
    parser.add_argument("--data", type=Path, default=HERE / "data")
    parser.add_argument("--out", type=Path, default=HERE / "runs" / "vae.pt")
    parser.add_argument("--start", type=Path, help="an exported model to begin from, where --out does not exist")
    parser.add_argument("--decoder-only", action="store_true", help="keep the latents: the U-Net stays valid")
    args = parser.parse_args()
    args.out.parent.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    train, heldout = pictures(args.data, "train"), pictures(args.data, "heldout")
    encoder = Encoder().to(args.device, memory_format=torch.channels_last)
    decoder = Decoder().to(args.device, memory_format=torch.channels_last)
    if args.start:
        load_onnx(decoder, args.start / "vae_decoder" / "model.onnx")
        load_onnx(encoder, args.start / "vae_encoder" / "model.onnx", "encoder.")
    encoder.requires_grad_(not args.decoder_only)
    parameters = [p for p in [*encoder.parameters(), *decoder.parameters()] if p.requires_grad]
    optimiser = torch.optim.AdamW(parameters, lr=1, betas=(0.9, 0.98), weight_decay=0.01)
    step, spent = 0, 0.0
    if args.out.exists():
        state = torch.load(args.out, map_location=args.device)
        encoder.load_state_dict(state["encoder"])
        decoder.load_state_dict(state["decoder"])
        optimiser.load_state_dict(state["optimiser"])
        step, spent = state["step"], state["spent"]
    generator = torch.Generator().manual_seed(step)
    began, saved = time.time() - spent, time.time()
    while (elapsed := time.time() - began) < args.minutes * 60:
        progress = elapsed / (args.minutes * 60)
        rate = 2e-3 * min(1, (step + 1) / 100) * (0.5 + 0.5 * math.cos(math.pi * progress)) + 1e-5
        optimiser.param_groups[0]["lr"] = rate
        x = to_pixels(train[torch.randint(len(train), (args.batch,), generator=generator).numpy()]).to(args.device)
        with torch.autocast(torch.device(args.device).type, torch.bfloat16, enabled=args.bf16):
            mean, logvar = encoder(x).float().chunk(2, 1)
        logvar = logvar.clamp(-12, 4)
        # Renders decode means that a U-Net found, so the last word is the decoder's on those.
        latent = mean if args.decoder_only else mean + (0.5 * logvar).exp() * torch.randn_like(mean)
        with torch.autocast(torch.device(args.device).type, torch.bfloat16, enabled=args.bf16):
            y = decoder(latent).float()
        kl = 0.5 * (mean.square() + logvar.exp() - 1 - logvar).mean()
        loss = F.l1_loss(y, x) + F.mse_loss(y, x) + 0.5 * gradient_loss(y, x) + 5e-4 * kl
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        step += 1
        if step % 100 == 0:
            db = evaluate(encoder, decoder, heldout)
            print(f"step {step} {elapsed:.0f}s loss {loss.item():.4f} kl {kl.item():.2f} heldout {db:.2f} dB", flush=True)
        if time.time() - saved > 60:
            saved = time.time()
            save(args.out, encoder, decoder, optimiser, step, time.time() - began)
    save(args.out, encoder, decoder, optimiser, step, time.time() - began)
    print(f"done: step {step}, heldout {evaluate(encoder, decoder, heldout, 512):.2f} dB")


def save(path, encoder, decoder, optimiser, step, spent):
    temporary = path.with_suffix(".tmp")
    torch.save({"encoder": encoder.state_dict(), "decoder": decoder.state_dict(),
                "optimiser": optimiser.state_dict(), "step": step, "spent": spent}, temporary)
    temporary.rename(path)


if __name__ == "__main__":
    main()
