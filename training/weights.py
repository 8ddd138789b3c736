"""Reads the weights of an exported folder back into the modules, to train on from a release."""

from pathlib import Path

import onnx
import torch
from onnx import numpy_helper
from torch import nn


@torch.no_grad()
def load_onnx(module: nn.Module, file: Path, prefix: str = "") -> None:
    """Fills `module` from the initializers that export.py wrote (float16 ones lose the last digits)."""
    stored = {t.name.removesuffix(".fp16"): numpy_helper.to_array(t) for t in onnx.load(file).graph.initializer}
    for name, parameter in module.named_parameters():
        name = prefix + name
        if name in stored:
            parameter.copy_(torch.tensor(stored[name]).view_as(parameter))
        elif name + ".T" in stored:
            parameter.copy_(torch.tensor(stored[name + ".T"]).T)
        else:
            raise SystemExit(f"{file} has no weights {name}: export it anew with export.py")
