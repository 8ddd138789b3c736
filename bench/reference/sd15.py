"""PyTorch's side of the bench of Stable Diffusion's size: one task in a process of its own.

Told what to do by one JSON argument; says one JSON object a line: {"event": ...}. Tensors are files of
little-endian float32, NAME.f32, in the folders `inputs` and `out`; inputs.json there has their sizes.

Peaks of memory are of what lies between the events "measuring" (again where a first attempt did not fit)
and "measured", which has the figures. After that the program waits for a line, or the end, of its input, so
that the GPU can be looked at. Then follows what comes out, in exact float32, for the other side to be held
to: if that fails, the figures have been told.
"""

import gc
import json
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from statistics import median

try:
    import resource
except ImportError:  # Windows
    resource = None

import torch

from sd15_tasks import Model, Tasks


def say(event: str, **more) -> None:
    print(json.dumps({"event": event, **more}), flush=True)


def synchronize(device: str) -> None:
    if device != "cpu":
        getattr(torch, device).synchronize()


def seconds_of(work, device: str) -> float:
    synchronize(device)
    begin = time.perf_counter()
    work()
    synchronize(device)
    return time.perf_counter() - begin


def peaks(device: str) -> dict:
    """Most resident memory of this process, where the system tells it; most that was reserved of a GPU."""
    status, most = Path("/proc/self/status"), None
    lines = status.read_text().splitlines() if status.exists() else []
    line = next((line for line in lines if line.startswith("VmHWM")), None)
    if line:
        most = int(line.split()[1]) * 1024
    elif resource:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return {**({"peakBytes": most} if most is not None else {}),
            **({"gpuBytes": torch.cuda.max_memory_reserved()} if device == "cuda" else {})}


def forget(device: str) -> bool:
    """Lets go of what an attempt held, and of its peaks. False: that of resident memory stays (Linux alone
    can begin it anew)."""
    gc.collect()
    if device != "cpu":
        getattr(torch, device).empty_cache()
    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return False
    return True


def out_of_memory(error: Exception) -> bool:
    """Libraries below PyTorch (cuBLAS, cuDNN) and Metal have no type of error for it."""
    return isinstance(error, torch.cuda.OutOfMemoryError) or any(
        words in str(error) for words in ("out of memory", "ALLOC_FAILED"))


def measure(order: dict, sparing: int) -> tuple[dict, dict]:
    """Runs the task once on its smallest scale, to open and compile what it needs, then as often as asked.
    Returns figures, and what came out."""
    what, device = order["task"], order["device"]
    say("measuring")
    tasks = Tasks(Model(order, order["half"], order["channelsLast"]), order, sparing)
    work = getattr(tasks, what)
    say("step", text="warming up")
    warm = seconds_of(lambda: work(1), device)
    say("first")
    if device != "cpu":
        # cuDNN looks for its fastest algorithm the first time that it sees a shape, as on the other side.
        say("step", text="once in full, untimed")
        work()
    runs, extra, results = [], {}, {}
    for run in range(order["runs"]):
        say("step", text=f"run {run + 1} of {order['runs']}")
        runs.append(seconds_of(lambda: results.update(work()), device))
    if what == "render":
        for name in ("unet", "decode"):
            say("step", text=f"the {name} alone")
            alone = getattr(tasks, name)
            alone()
            extra[name] = median(seconds_of(alone, device) for _ in range(order["runs"]))
    return {"warm": warm, "runs": runs, **extra, **peaks(device)}, results


NOTES = {
    "eq2": ("Eq. 2's samples at once", "Eq. 2's samples one at a time, gradients added"),
    "eq3": ("Eq. 3's sampler steps all kept", "Eq. 3's sampler steps checkpointed",
            "Eq. 3's sampler steps checkpointed, and the decoder in pieces"),
}


def measure_what_fits(order: dict) -> tuple[dict, dict, list[str]]:
    """With as much held at once as there is memory for. Returns figures, what came out, and notes."""
    what, device = order["task"], order["device"]
    notes = NOTES.get(what, ())
    # Only memory that is the GPU's own says by itself that it is full, before the machine swaps.
    first = 0 if device == "cuda" or not notes else 1
    forgotten = True
    for sparing in range(first, max(len(notes), 1)):
        try:
            figures, results = measure(order, sparing)
            about = [f"{what}'s peak memory of the process is that of a failed attempt, too"] if not forgotten else []
            return figures, results, [*notes[sparing:sparing + 1], *about]
        except Exception as error:
            if sparing + 1 >= len(notes) or not out_of_memory(error):
                raise
            say("step", text="too large to be held at once; again, with less of it")
        forgotten = forget(device)
    raise AssertionError("not reached")


def set_arithmetic(tf32: bool, search: bool) -> None:
    """`tf32`: factors of products and convolutions are rounded to it, as ONNX Runtime does by default.
    `search`: for the fastest of cuDNN's algorithms, likewise."""
    torch.backends.cuda.matmul.allow_tf32 = tf32
    torch.backends.cudnn.allow_tf32 = tf32
    torch.backends.cudnn.benchmark = search


@contextmanager
def exact_float32():
    before = torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.benchmark
    set_arithmetic(False, False)
    try:
        yield
    finally:
        set_arithmetic(*before)


def compute_exactly(order: dict) -> tuple[dict, str]:
    """What comes out in exact float32, and where it was computed: on the processor where the GPU has not
    the memory."""
    for device in dict.fromkeys((order["device"], "cpu")):
        where = ", on the processor" if device != order["device"] else ""
        say("step", text=f"once more in exact float32, to compare with{where}")
        exact = {**order, "device": device}
        try:
            with exact_float32():
                results = getattr(Tasks(Model(exact, False, order["channelsLast"]), exact, 2), order["task"])()
                return {name: value.detach().cpu() for name, value in results.items()}, device
        except Exception as error:
            if device == "cpu" or not out_of_memory(error):
                raise
        forget(device)
    raise AssertionError("not reached")


def fastest_layout(order: dict) -> dict:
    seconds = {}
    for last in (False, True):
        say("step", text=f"channels {'last' if last else 'first'}")
        tasks = Tasks(Model(order, order["half"], last), order, 1)
        tasks.layout()
        seconds[last] = min(seconds_of(tasks.layout, order["device"]) for _ in range(order["runs"]))
        programs = tasks.model.part("unet").compiled.values()
    return {"channelsLast": min(seconds, key=seconds.__getitem__), "first": seconds[False], "last": seconds[True],
            "attentions": max(program.attentions() for program in programs)}


def tell(about: dict, figures: dict, notes: list[str]) -> None:
    """Says what was measured, and holds still until the GPU was looked at."""
    if "peakBytes" not in figures:
        notes.append("this system does not tell Python the peak memory of a process")
    say("measured", **about, **figures, note="; ".join(notes))
    sys.stdin.readline()


def run_task(order: dict, about: dict) -> None:
    device = order["device"]
    if order["task"] == "unet":
        tasks = Tasks(Model(order, order["half"], order["channelsLast"]), order, 1)
        tasks.unet()
        synchronize(device)
        say("first")
        tell(about, {"runs": [], **peaks(device)}, [])
        return say("done")
    figures, results, notes = measure_what_fits(order)
    tell(about, figures, notes)
    if not order["compared"]:
        return say("done")
    if order["half"] or order["tf32"]:
        del results
        forget(device)
        results, where = compute_exactly(order)
        if where != device:
            notes.append(f"{order['task']} compared with the processor's results: the GPU had no room for exact float32")
    for name, value in results.items():
        value.detach().cpu().contiguous().numpy().astype("<f4").tofile(Path(order["out"]) / f"{name}.f32")
    say("done", note="; ".join(notes))


def main() -> None:
    order = json.loads(sys.argv[1])
    torch.set_num_threads(order["threads"])
    torch.manual_seed(0)
    torch.backends.nnpack.set_flags(False)  # where it cannot be used, it says so for each convolution
    set_arithmetic(order["tf32"], order["device"] == "cuda")
    about = {"torch": torch.__version__}
    if order["device"] == "cuda":
        about["gpu"] = torch.cuda.get_device_name()
    if order["task"] == "layout":
        return say("done", **about, **fastest_layout(order))
    run_task(order, about)


if __name__ == "__main__":
    try:
        main()
    except Exception as error:  # told to the other side, which decides
        say("failed", reason=f"{type(error).__name__}: {error}"[:500])
        sys.exit(1)
