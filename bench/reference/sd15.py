"""PyTorch's side of the bench of Stable Diffusion's size: one task in a process of its own.

Told what to do by one JSON argument; says one JSON object a line: {"event": ...}. Tensors are files of
little-endian float32, NAME.f32, in the folders `inputs` and `out`; inputs.json there has their sizes.

A gradient by PyTorch's own autograd holds the activations of everything between. Where that would not
fit (on the CPU always: 24 GB hold neither ten U-Net evaluations nor a batch of 4 at 512 x 512), samples of
Eq. 2 are taken one at a time and their gradients added, and torch.utils.checkpoint computes each step of
the sampler again on the way back. Where a GPU has the memory, everything is done at once.
"""

import json
import resource
import sys
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch.utils.checkpoint import checkpoint

from onnx_torch import Graph

TEXT, NOISE = "last_hidden_state", "out_sample"


def say(event: str, **more) -> None:
    print(json.dumps({"event": event, **more}), flush=True)


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

    def decode(self, z):
        return self.part("vae_decoder")({"latent_sample": z / self.factor}, "sample")


class Tasks:
    """Each returns its results by name. `whole`: with everything in memory at once. Losses of halves
    are scaled up before they are differentiated, as training in halves does."""

    def __init__(self, model: Model, order: dict, whole: bool):
        self.model, self.whole = model, whole
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
        at_once = len(times) if self.whole and not self.model.one_timestep() else 1
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
            z = step(z, *row) if self.whole else checkpoint(step, z, *row, use_reentrant=False)
        picture = self.model.decode(z)
        loss = F.mse_loss(z.float(), z_b.float()) + F.mse_loss(picture.float(), pixels.float())
        (gradient,) = torch.autograd.grad(loss * self.scale, noise)
        return {"loss": loss, "gradient": gradient.float() / self.scale}

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


def seconds_of(work, device: str) -> float:
    if device == "cuda":
        torch.cuda.synchronize()
    begin = time.perf_counter()
    work()
    if device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - begin


def peak_bytes() -> int:
    """Peak resident memory of this process."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def measure(order: dict, whole: bool) -> dict:
    """Runs the task once on its smallest scale, to open and compile what it needs, then as often as
    asked. What is answered is what float32 computes: that is what the other side is held to."""
    what, device = order["task"], order["device"]
    tasks = Tasks(Model(order, order["half"], order["channelsLast"]), order, whole)
    work = getattr(tasks, what)
    say("step", text="warming up")
    warm = seconds_of(lambda: work(1), device)
    say("first")
    runs, extra, results = [], {}, {}
    for run in range(order["runs"]):
        say("step", text=f"run {run + 1} of {order['runs']}")
        runs.append(seconds_of(lambda: results.update(work()), device))
    if what == "render":
        for name in ("unet", "decode"):
            say("step", text=f"the {name} alone")
            alone = getattr(tasks, name)
            alone()
            extra[name] = seconds_of(alone, device)
    memory = {"peakBytes": peak_bytes()}
    if device == "cuda":
        memory["gpuBytes"] = torch.cuda.max_memory_reserved()
    # What is timed is as PyTorch is by default, which rounds factors of convolutions to TF32 on a GPU.
    if (order["half"] or device == "cuda") and order.get("out"):
        say("step", text="once more in exact float32, to compare with")
        torch.backends.cudnn.allow_tf32 = False
        del tasks, work
        results = getattr(Tasks(Model(order, False, order["channelsLast"]), order, False), what)()
    for name, value in results.items() if order.get("out") else []:
        value.detach().cpu().contiguous().numpy().astype("<f4").tofile(Path(order["out"]) / f"{name}.f32")
    notes = {
        "eq2": "Eq. 2's samples at once" if whole else "Eq. 2's samples one at a time, gradients added",
        "eq3": "Eq. 3's sampler steps all kept" if whole else "Eq. 3's sampler steps checkpointed",
    }
    return {"warm": warm, "runs": runs, **extra, **memory, **({"note": notes[what]} if what in notes else {})}


def fastest_layout(order: dict) -> dict:
    seconds = {}
    for last in (False, True):
        say("step", text=f"channels {'last' if last else 'first'}")
        tasks = Tasks(Model(order, order["half"], last), order, False)
        tasks.layout()
        seconds[last] = min(seconds_of(tasks.layout, order["device"]) for _ in range(order["runs"]))
        programs = tasks.model.part("unet").compiled.values()
    return {"channelsLast": min(seconds, key=seconds.__getitem__), "first": seconds[False], "last": seconds[True],
            "attentions": max(program.attentions() for program in programs)}


def main() -> None:
    order = json.loads(sys.argv[1])
    torch.set_num_threads(order["threads"])
    torch.manual_seed(0)
    torch.backends.nnpack.set_flags(False)  # where it cannot be used, it says so for each convolution
    about = {"torch": torch.__version__}
    if order["device"] == "cuda":
        about["gpu"] = torch.cuda.get_device_name()
    if order["task"] == "layout":
        return say("done", **about, **fastest_layout(order))
    if order["task"] == "unet":
        Tasks(Model(order, order["half"], order["channelsLast"]), order, False).unet()
        if order["device"] == "cuda":
            torch.cuda.synchronize()
        say("first")
        return say("done", **about, runs=[], peakBytes=peak_bytes())
    result = None
    if order["device"] == "cuda":
        try:
            result = measure(order, True)
        except torch.cuda.OutOfMemoryError:
            say("step", text="too large to be done at once; again, one after the other")
    if result is None:
        if order["device"] == "cuda":
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats()
        result = measure(order, False)
    say("done", **about, **result)


if __name__ == "__main__":
    try:
        main()
    except Exception as error:  # told to the other side, which decides
        say("failed", reason=f"{type(error).__name__}: {error}"[:500])
        sys.exit(1)
