"""PyTorch's side of the speed bench: a process that is told, line by line, what to compute.

Reads one JSON object a line from stdin, answers one a line on stdout. Tensors travel as
{"dims": [...], "data": base64 of float32}. Only the computation itself is timed. Commands:

  set     name, tensor          keeps a tensor
  load    model, factor,        opens the parts (with the latents' scaling factor), and picks
          threads               PyTorch's own best variant (below) on the tensors set before
  run     what, answer          does a task once; with "answer", returns what it computed
  quit

PyTorch runs eagerly in float32, as the reference does. Of the ways to spell the same computation
(attention written out or scaled_dot_product_attention; channels first or last), the one that is
fastest here is chosen by measuring, so that PyTorch is compared at its best.
"""

import base64
import json
import sys
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from onnx_torch import Graph

TEXT, NOISE = "last_hidden_state", "out_sample"


class Model:
    def __init__(self, folder: Path, factor: float, sdpa: bool, channels_last: bool):
        def part(name):
            return Graph(folder / name / "model.onnx", sdpa, channels_last)

        self.text, self.unet, self.decoder = part("text_encoder"), part("unet"), part("vae_decoder")
        self.factor = factor
        self.gather = self.text.token_gather()

    def encode_tokens(self, k):
        ids = torch.zeros(k.shape[:2], dtype=torch.int64)
        return self.text({self.gather: k}, TEXT, {"input_ids": ids})

    def predict(self, z, t, c):
        return self.unet({"sample": z, "timestep": t, "encoder_hidden_states": c}, NOISE)

    def decode(self, z):
        return self.decoder({"latent_sample": z / self.factor}, "sample")


class Tasks:
    """What can be run. Each returns its results by name; gradients are by inputs only: no weight
    requires one, as in the reference."""

    def __init__(self, model: Model, tensors: dict):
        self.model, self.tensors = model, tensors

    def get(self, *names):
        return [self.tensors[name] for name in names]

    def unet(self):
        """U, at batch 8."""
        z, t, c = self.get("z", "t", "c")
        with torch.no_grad():
            return {"out": self.model.predict(z, t, c)}

    def unet_vjp(self):
        """U and its gradient by the context, at batch 8: what Eq. 2 needs of it."""
        z, t, c, g = self.get("z", "t", "c", "g")
        c = c.detach().requires_grad_()
        out = self.model.predict(z, t, c)
        return {"out": out, "gradient": torch.autograd.grad(out, [c], g)[0]}

    def unet_one(self):
        """U of one sample."""
        z, t, c = self.get("z", "t", "c")
        with torch.no_grad():
            return {"out": self.model.predict(z[:1], t[:1], c[:1])}

    def unet_one_vjp(self):
        """U of one sample and its gradient by it: what Eq. 3 needs of it."""
        z, t, c, g = self.get("z", "t", "c", "g")
        z = z[:1].detach().requires_grad_()
        out = self.model.predict(z, t[:1], c[:1])
        return {"out": out, "gradient": torch.autograd.grad(out, [z], g[:1])[0]}

    def tokens_step(self):
        """Eq. 2, one batch: loss and gradient by the tokens."""
        k, z, t, target = self.get("k", "noisy", "t", "target")
        k = k.detach().requires_grad_()
        c = self.model.encode_tokens(k)
        out = self.model.predict(z, t, c.expand(z.shape[0], -1, -1))
        loss = F.mse_loss(out, target)
        (gradient,) = torch.autograd.grad(loss, [k])
        return {"loss": loss, "gradient": gradient}

    def noise_step(self):
        """Eq. 3: loss and gradient through all steps of the sampler and the decoder."""
        noise, c, z_b, pixels = self.get("noise", "c1", "zB", "pixels")
        noise = noise.detach().requires_grad_()
        z = self._sample(noise, c)
        loss = F.mse_loss(z, z_b) + F.mse_loss(self.model.decode(z), pixels)
        (gradient,) = torch.autograd.grad(loss, [noise])
        return {"loss": loss, "gradient": gradient}

    def render(self):
        """Cells of Eq. 1, guided, every branch of every cell evaluated, side by side in one batch."""
        noise, c, base, sigma = self.get("noise", "cells", "base", "sigma")
        cells = c.shape[0]
        with torch.no_grad():
            both = torch.cat([c, base.expand(cells, -1, -1)])
            z = noise.expand(cells, -1, -1, -1)
            for t, phi, psi in self.tensors["grid"].tolist():
                out = self.model.predict(torch.cat([z, z]), torch.full([2 * cells], t), both)
                cond, other = out.chunk(2)
                z = phi * z + psi * (other + sigma * (cond - other))
            return {"pixels": self.model.decode(z).clamp(-1, 1)}

    def _sample(self, z, c):
        for t, phi, psi in self.tensors["grid"].tolist():
            z = phi * z + psi * self.model.predict(z, torch.full([z.shape[0]], t), c)
        return z


def decode_tensor(value: dict) -> torch.Tensor:
    data = np.frombuffer(base64.b64decode(value["data"]), dtype=np.float32).copy()
    return torch.from_numpy(data).reshape(value["dims"])


def encode_tensor(value: torch.Tensor) -> dict:
    array = value.detach().contiguous().float().numpy()
    return {"dims": list(array.shape), "data": base64.b64encode(array.tobytes()).decode()}


def fastest(folder: Path, factor: float, tensors: dict) -> tuple[Model, str, dict]:
    """The variant whose U-Net, forward and backward at batch 8, is fastest: the least of 3 runs."""
    variants: dict[str, Model] = {}
    for sdpa in (False, True):
        for channels_last in (False, True):
            attention = "scaled_dot_product_attention" if sdpa else "attention written out"
            name = f"{attention}, channels {'last' if channels_last else 'first'}"
            variants[name] = Model(folder, factor, sdpa, channels_last)
    times: dict[str, list[float]] = {name: [] for name in variants}
    for _ in range(4):  # in turns, so that a disturbance does not hit one alone
        for name, model in variants.items():
            begin = time.perf_counter()
            Tasks(model, tensors).unet_vjp()
            times[name].append(time.perf_counter() - begin)
    seconds = {name: min(values[1:]) for name, values in times.items()}
    best = min(seconds, key=seconds.__getitem__)
    return variants[best], best, seconds


def main() -> None:
    tensors: dict[str, torch.Tensor] = {}
    tasks = None
    for line in sys.stdin:
        order = json.loads(line)
        answer: dict = {}
        try:
            if order["op"] == "load":
                torch.set_num_threads(order["threads"])
                torch.manual_seed(0)
                model, variant, seconds = fastest(Path(order["model"]), order["factor"], tensors)
                tasks = Tasks(model, tensors)
                answer = {"torch": torch.__version__, "variant": variant, "variants": seconds}
            elif order["op"] == "set":
                tensors[order["name"]] = decode_tensor(order["tensor"])
            elif order["op"] == "run":
                work = getattr(tasks, order["what"])
                begin = time.perf_counter()
                results = work()
                answer["seconds"] = time.perf_counter() - begin
                if order.get("answer"):
                    answer["results"] = {name: encode_tensor(value) for name, value in results.items()}
            elif order["op"] == "quit":
                return
        except Exception as error:  # told to the other side, which decides
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
