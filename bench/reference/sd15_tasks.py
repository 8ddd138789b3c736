"""What PyTorch computes in the bench of Stable Diffusion's size.

A gradient by PyTorch's own autograd holds the activations of everything between. Where that would not
fit (on the CPU always: 24 GB hold neither ten U-Net evaluations nor a batch of 4 at 512 x 512), samples of
Eq. 2 are taken one at a time and their gradients added, and torch.utils.checkpoint computes each step of
the sampler again on the way back. Where a GPU of its own memory has the room, everything is done at once.
"""

import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch.utils.checkpoint import checkpoint

from onnx_torch import OPS, Graph, Program

TEXT, NOISE = "last_hidden_state", "out_sample"


class Model:
    def __init__(self, order: dict, half: bool, channels_last: bool):
        folder, self.factor = Path(order["model"]), order["factor"]
        self.dtype = torch.float16 if half else torch.float32
        self.device, self.folder, self.channels_last = order["device"], folder, channels_last
        self.parts: dict[str, Graph] = {}

    def part(self, name: str) -> Graph:
        """A graph, opened when it is first used, with attention as PyTorch has it."""
        if name not in self.parts:
            self.parts[name] = Graph(self.folder / name / "model.onnx", True, self.channels_last,
                                     lean=True, device=self.device, dtype=self.dtype)
        return self.parts[name]

    def encode_tokens(self, k):
        text = self.part("text_encoder")
        ids = torch.zeros(k.shape[:2], dtype=text.input("input_ids")[0])
        return text({text.token_gather(): k}, TEXT, {"input_ids": ids})

    def predict(self, z, t: list[float], c):
        """Where the graph takes one timestep for all samples, all of `t` must be equal."""
        unet = self.part("unet")
        dtype, rank = unet.input("timestep")
        times = torch.tensor(t if rank else t[0], dtype=self.dtype if dtype.is_floating_point else dtype)
        feeds = {"sample": z, "timestep": times.to(self.device), "encoder_hidden_states": c}
        return unet(feeds, NOISE)

    def one_timestep(self) -> bool:
        return self.part("unet").input("timestep")[1] == 0

    def decode(self, z, pieces: int = 1):
        decoder, feeds = self.part("vae_decoder"), {"latent_sample": z / self.factor}
        if pieces == 1:
            return decoder(feeds, "sample")
        return run_in_pieces(Program(decoder, feeds, "sample", {}), feeds, pieces)


def run_in_pieces(program: Program, feeds: dict, pieces: int):
    """What Program.run does, each piece computed again on the way back: of the values between, only those
    at the borders of pieces are held."""
    values = {name: value.contiguous(memory_format=torch.channels_last)
              if program.channels_last and value.ndim == 4 else value for name, value in feeds.items()}

    def run(calls, values):
        values = {**program.constants, **values}
        for call in calls:
            values[call.output] = OPS[call.op](*[values[i] for i in call.inputs], **call.static)
            for name in call.free:
                del values[name]
        return {name: value for name, value in values.items() if name not in program.constants}

    size = -(-len(program.calls) // pieces)
    for i in range(0, len(program.calls), size):
        values = checkpoint(run, program.calls[i:i + size], values, use_reentrant=False)
    return values[program.output]


class Tasks:
    """Each returns its results by name. `sparing`: of memory. 0: everything is held at once; 1: samples one
    at a time, steps of the sampler computed again on the way back; 2: the decoder in pieces, too. Losses
    of halves are scaled up before they are differentiated, as training in halves does."""

    def __init__(self, model: Model, order: dict, sparing: int):
        self.model, self.sparing = model, sparing
        self.scale = 1024.0 if model.dtype == torch.float16 else 1.0
        folder = Path(order["inputs"])
        sizes = json.loads((folder / "inputs.json").read_text())
        arrays = {name: np.fromfile(folder / f"{name}.f32", "<f4").reshape(dims) for name, dims in sizes.items()}
        self.numbers = {name: array.tolist() for name, array in arrays.items() if name in ("t", "grid", "sigma")}
        self.tensors = {name: torch.from_numpy(array).to(model.device, model.dtype) for name, array in arrays.items()}

    def eq2(self, samples: int | None = None):
        """One batch of Eq. 2: loss and gradient by the tokens."""
        k, z, target = (self.tensors[name] for name in ("k", "noisy", "target"))
        times = self.numbers["t"][:samples]
        at_once = len(times) if self.sparing == 0 and not self.model.one_timestep() else 1
        k = k.detach().requires_grad_()
        c = self.model.encode_tokens(k)
        by_c, loss = torch.zeros_like(c), 0.0
        for i in range(0, len(times), at_once):
            some = slice(i, min(i + at_once, len(times)))
            leaf = c.detach().requires_grad_()
            u = self.model.predict(z[some], times[some], leaf.expand(some.stop - i, -1, -1))
            error = F.mse_loss(u.float(), target[some].float(), reduction="sum") / (target[0].numel() * len(times))
            by_c += torch.autograd.grad(error * self.scale, leaf)[0]
            loss += error.item()
        (gradient,) = torch.autograd.grad(c, k, by_c)
        return {"loss": torch.tensor([loss]), "gradient": gradient.float() / self.scale}

    def eq3(self, steps: int | None = None):
        """Loss and gradient by the noise, through the sampler's steps and the decoder."""
        noise, c, z_b, pixels = (self.tensors[name] for name in ("noise", "c1", "zB", "pixels"))
        noise = z = noise.detach().requires_grad_()

        def step(z, t, phi, psi):
            return phi * z + psi * self.model.predict(z, [t], c)

        for row in self.numbers["grid"][-(steps or 0):]:
            z = checkpoint(step, z, *row, use_reentrant=False) if self.sparing else step(z, *row)
        picture = self.model.decode(z, 16 if self.sparing == 2 else 1)
        loss = F.mse_loss(z.float(), z_b.float()) + F.mse_loss(picture.float(), pixels.float())
        (gradient,) = torch.autograd.grad(loss * self.scale, noise)
        return {"loss": loss.detach(), "gradient": gradient.float() / self.scale}

    def render(self, steps: int | None = None):
        """One cell of Eq. 1, guided: its two branches side by side in one batch."""
        noise, cell, c1 = (self.tensors[name] for name in ("noise", "cell", "c1"))
        (sigma,) = self.numbers["sigma"]
        both = torch.cat([cell, c1])
        with torch.no_grad():
            z = noise
            for t, phi, psi in self.numbers["grid"][-(steps or 0):]:
                edited, own = self.model.predict(torch.cat([z, z]), [t, t], both).chunk(2)
                z = phi * z + psi * (own + sigma * (edited - own))
            return {"pixels": self.model.decode(z).clamp(-1, 1)}

    def unet(self, _=None):
        """U of one sample."""
        with torch.no_grad():
            return {"out": self.model.predict(self.tensors["noisy"][:1], self.numbers["t"][:1], self.tensors["c1"])}

    def decode(self, _=None):
        with torch.no_grad():
            return {"pixels": self.model.decode(self.tensors["zB"])}

    def layout(self, _=None):
        """U of one sample and its gradient by the text: what channels first and last are compared by."""
        c = self.tensors["c1"].detach().requires_grad_()
        u = self.model.predict(self.tensors["noisy"][:1], self.numbers["t"][:1], c)
        return {"gradient": torch.autograd.grad(u.float().square().mean(), c)[0]}
