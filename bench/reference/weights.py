"""Weights of an ONNX file as PyTorch tensors."""

from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import external_data_helper, helper, numpy_helper


def read_weights(path: Path, mapped: bool) -> tuple[onnx.ModelProto, dict[str, torch.Tensor]]:
    """The model and its initializers by name. `mapped`: what lies in a file of its own is mapped into
    memory and read when it is first used, so that gigabytes are held once, and not first as protobuf."""
    model = onnx.load(str(path), load_external_data=not mapped)
    return model, {tensor.name: _tensor(tensor, path.parent) for tensor in model.graph.initializer}


def _tensor(tensor: onnx.TensorProto, folder: Path) -> torch.Tensor:
    if not external_data_helper.uses_external_data(tensor):
        return torch.from_numpy(numpy_helper.to_array(tensor).copy())
    told = {entry.key: entry.value for entry in tensor.external_data}
    dtype = helper.tensor_dtype_to_np_dtype(tensor.data_type)
    # Mode c: private to this process, as PyTorch wants memory that can be written to.
    array = np.memmap(folder / told["location"], dtype, "c", int(told.get("offset", 0)), tuple(tensor.dims))
    return torch.from_numpy(array if array.flags.aligned else array.copy())
