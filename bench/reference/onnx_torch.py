"""An ONNX graph as eager PyTorch calls, with the same weights.

Made to be a fair opponent, not a faithful interpreter: for given input shapes, everything that
depends on shapes and weights alone is computed once; exporters' spellings of group norm, SiLU,
GELU, linear layers and attention are put back into the functions that PyTorch has for them; what
is left runs as a straight list of torch.nn.functional calls that autograd records as usual.
"""

from pathlib import Path

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper

from fusion import Call, Fusion
from weights import read_weights


class Unsupported(Exception):
    pass


OPS = {
    "Add": lambda a, b: a + b,
    "Sub": lambda a, b: a - b,
    "Mul": lambda a, b: a * b,
    "Div": lambda a, b: a / b if a.is_floating_point() else torch.div(a, b, rounding_mode="trunc"),
    "Pow": lambda a, b: a**b,
    "Sqrt": torch.sqrt,
    "Erf": torch.erf,
    "Sigmoid": torch.sigmoid,
    "Tanh": torch.tanh,
    "Cos": torch.cos,
    "Sin": torch.sin,
    "Exp": torch.exp,
    "Neg": torch.neg,
    "Identity": lambda a: a,
    "MatMul": torch.matmul,
    "Trilu": lambda a, k=None, *, upper: (torch.triu if upper else torch.tril)(a, int(k) if k is not None else 0),
    "Equal": torch.eq,
    "Less": torch.lt,
    "Greater": torch.gt,
    "Not": torch.logical_not,
    "And": torch.logical_and,
    "Where": torch.where,
    "Cast": lambda a, dtype: a.to(dtype),
    "Concat": lambda *a, axis: torch.cat(a, axis),
    "Reshape": lambda a, shape: a.reshape(shape),
    "Transpose": lambda a, perm: a.permute(perm),
    "Unsqueeze": lambda a, shape: a.reshape(shape),
    "Squeeze": lambda a, shape: a.reshape(shape),
    "Flatten": lambda a, shape: a.reshape(shape),
    "Expand": lambda a, shape: a.expand(shape),
    "Gather": lambda a, index, axis: torch.index_select(a, axis, index.reshape(-1) % a.shape[axis]).reshape(
        [*a.shape[:axis], *index.shape, *a.shape[axis + 1 :]]
    ),
    "Slice": lambda a, key: a[key],
    "Softmax": lambda a, axis: torch.softmax(a, axis),
    "ReduceMean": lambda a, axes, keep: a.mean(axes, keepdim=keep),
    "Conv": lambda x, w, b=None, *, stride, padding, dilation, groups: F.conv2d(
        x, w, b, stride, padding, dilation, groups
    ),
    "Upsample": lambda x, scale: F.interpolate(x, scale_factor=scale, mode="nearest"),
    "InstanceNormalization": lambda x, w, b, eps: F.instance_norm(x, weight=w, bias=b, eps=eps),
    "LayerNormalization": lambda x, w, b=None, *, shape, eps: F.layer_norm(x, shape, w, b, eps),
    "Range": lambda a, b, c: torch.arange(a.item(), b.item(), c.item(), dtype=a.dtype),
    # Put together from several ONNX nodes:
    "group_norm": lambda x, w, b, groups, eps: F.group_norm(x, groups, w, b, eps),
    "silu": F.silu,
    "gelu": F.gelu,
    "linear": F.linear,
    "attention": lambda q, kt, v, mask=None, *, scale: F.scaled_dot_product_attention(
        q, kt.transpose(-1, -2), v, attn_mask=mask, scale=scale
    ),
}

DTYPES = {1: torch.float32, 6: torch.int32, 7: torch.int64, 9: torch.bool, 10: torch.float16, 11: torch.float64}


class Graph:
    """A model file. `sdpa` uses scaled_dot_product_attention where the graph spells it out;
    `channels_last` lays pictures and convolution weights out so. `lean` is for models of gigabytes:
    weights are held once, in the layout that they have in the file. What is fed is on `device` and of
    `dtype` (integers apart), whatever the file's floating-point type is."""

    def __init__(self, path: Path, sdpa: bool = False, channels_last: bool = False, *, lean: bool = False,
                 device: str = "cpu", dtype: torch.dtype = torch.float32):
        model, weights = read_weights(path, lean)
        self.weights = {name: value.float() if value.dtype == torch.float16 else value for name, value in weights.items()}
        self.graph, self.sdpa, self.channels_last, self.lean = model.graph, sdpa, channels_last, lean
        self.device, self.dtype = device, dtype
        self.compiled, self.placed = {}, {}

    def input(self, name: str) -> tuple[torch.dtype, int]:
        """Type and rank of an input."""
        kind = next(i for i in self.graph.input if i.name == name).type.tensor_type
        return DTYPES[kind.elem_type], len(kind.shape.dim)

    def place(self, name: str, value: torch.Tensor) -> torch.Tensor:
        """A constant where, and as what, it is computed with; weights are shared by the programs of all
        shapes, and so are views of them."""
        dtype = self.dtype if value.is_floating_point() else value.dtype
        if value.device.type == self.device and value.dtype == dtype:
            return value
        if name.removesuffix(".T").removesuffix(".flat") not in self.weights:
            return value.to(self.device, dtype)
        if name not in self.placed:
            self.placed[name] = value.to(self.device, dtype)
        return self.placed[name]

    def token_gather(self) -> str:
        """Name of the token embeddings: what is gathered from the table by the ids."""
        names = {i.name for i in self.graph.input}
        aliases = {}
        for node in self.graph.node:
            if node.op_type in ("Cast", "Identity") and node.input[0] in {*names, *aliases}:
                aliases[node.output[0]] = node.input[0]
        for node in self.graph.node:
            if node.op_type == "Gather" and node.input[1] in {*names, *aliases}:
                return node.output[0]
        raise Unsupported("no token-embedding Gather")

    def table(self) -> torch.Tensor:
        """The token-embedding table, float32 [V, Dt]."""
        node = next(n for n in self.graph.node if n.output[0] == self.token_gather())
        name = node.input[0]
        while name not in self.weights:
            name = next(n for n in self.graph.node if name in n.output).input[0]
        return self.weights[name].float()

    def __call__(self, feeds: dict, output: str, fixed: dict | None = None) -> torch.Tensor:
        """Runs the graph. `feeds` may name inner values; `fixed` are inputs that never change."""
        key = (output, tuple((name, tuple(value.shape)) for name, value in feeds.items()))
        if key not in self.compiled:
            self.compiled[key] = Program(self, feeds, output, fixed or {})
        return self.compiled[key].run(feeds)


class Program:
    """The calls for one set of input shapes."""

    def __init__(self, graph: Graph, feeds: dict, output: str, fixed: dict):
        self.output, self.channels_last = output, graph.channels_last
        self.constants = dict(fixed)
        self.calls: list[Call] = []
        with torch.no_grad():
            self._record(graph, feeds)
        self.calls = Fusion(self.calls, self.constants, self.output, graph.lean).run(graph.sdpa)
        self._prune()
        self._place(graph)
        self._lay_out()

    def attentions(self) -> int:
        return sum(call.op == "attention" for call in self.calls)

    def run(self, feeds: dict) -> torch.Tensor:
        values = {**self.constants, **feeds}
        if self.channels_last:
            for name, value in feeds.items():
                if value.ndim == 4:
                    values[name] = value.contiguous(memory_format=torch.channels_last)
        for call in self.calls:
            values[call.output] = OPS[call.op](*[values[i] for i in call.inputs], **call.static)
            for name in call.free:
                del values[name]
        return values[self.output]

    def _record(self, graph: Graph, feeds: dict) -> None:
        producers = {o: n for n in graph.graph.node for o in n.output}
        needed, stack = set(), [self.output]
        while stack:
            name = stack.pop()
            if name in feeds or name in needed or name not in producers:
                continue
            needed.add(name)
            stack.extend(producers[name].input)
        # What depends on the feeds is followed by its shape alone, and in float32.
        live = {name: value.to("meta", torch.float32 if value.is_floating_point() else value.dtype)
                for name, value in feeds.items()}
        known = self.constants
        known.update(graph.weights)
        for node in graph.graph.node:
            if not needed & set(node.output) or node.output[0] in feeds:
                continue
            self._node(node, live, known)

    def _node(self, node, live: dict, known: dict) -> None:
        attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        out, names = node.output[0], [i for i in node.input if i]

        def value(i):
            return known[names[i]] if names[i] in known else live[names[i]]

        def numbers(i):
            if names[i] not in known:
                raise Unsupported(f"{node.op_type} {node.name}: input {i} is not known beforehand")
            return known[names[i]].tolist()

        if node.op_type == "Constant":
            known[out] = torch.from_numpy(np.array(numpy_helper.to_array(attributes["value"])))
            return
        if node.op_type == "Shape":
            known[out] = torch.tensor(value(0).shape)
            return
        if node.op_type == "ConstantOfShape":
            fill = torch.from_numpy(numpy_helper.to_array(attributes["value"]).copy()) if "value" in attributes else torch.zeros(1)
            known[out] = fill.expand(numbers(0)).clone()
            return
        call = self._call(node, attributes, out, names, value, numbers)
        constant = all(i in known for i in call.inputs)
        arguments = [live[i] if i in live else known[i] if constant else known[i].to("meta") for i in call.inputs]
        result = OPS[call.op](*arguments, **call.static)
        if constant:
            known[out] = result
        else:
            live[out] = result
            self.calls.append(call)

    def _call(self, node, attributes, out, names, value, numbers) -> Call:
        op, x = node.op_type, value(0)
        if op == "Cast":
            dtype = DTYPES[attributes["to"]]
            if dtype == torch.float16:  # a file of halves is recorded in float32; _place decides
                dtype = torch.float32
            return Call("Identity", names, out) if x.dtype == dtype else Call(op, names, out, {"dtype": dtype})
        if op == "Concat":
            return Call(op, names, out, {"axis": attributes["axis"]})
        if op == "Reshape":
            shape = [x.shape[i] if d == 0 else d for i, d in enumerate(numbers(1))]
            return Call(op, names[:1], out, {"shape": shape})
        if op == "Expand":
            return Call(op, names[:1], out, {"shape": list(torch.broadcast_shapes(x.shape, numbers(1)))})
        if op == "Transpose":
            return Call(op, names, out, {"perm": attributes.get("perm", list(range(x.ndim))[::-1])})
        if op in ("Unsqueeze", "Squeeze", "Flatten"):
            if op == "Flatten":
                shape = torch.flatten(x, attributes.get("axis", 1)).shape if attributes.get("axis", 1) else [1, x.numel()]
            else:
                axes = attributes["axes"] if "axes" in attributes else numbers(1)
                like = np.broadcast_to(np.empty(()), tuple(x.shape))
                shape = (np.expand_dims(like, tuple(axes)) if op == "Unsqueeze" else np.squeeze(like, tuple(axes))).shape
            return Call(op, names[:1], out, {"shape": list(shape)})
        if op == "Trilu":
            return Call(op, names, out, {"upper": bool(attributes.get("upper", 1))})
        if op == "Gather":
            return Call(op, names, out, {"axis": attributes.get("axis", 0)})
        if op == "Slice":
            starts, ends = numbers(1), numbers(2)
            axes = numbers(3) if len(names) > 3 else list(range(len(starts)))
            steps = numbers(4) if len(names) > 4 else [1] * len(starts)
            key = [slice(None)] * x.ndim
            for start, end, axis, step in zip(starts, ends, axes, steps):
                key[axis] = slice(start, end, step)
            return Call(op, names[:1], out, {"key": tuple(key)})
        if op == "Softmax":
            return Call(op, names, out, {"axis": attributes.get("axis", -1)})
        if op == "ReduceMean":
            axes = attributes["axes"] if "axes" in attributes else numbers(1)
            return Call(op, names[:1], out, {"axes": list(axes), "keep": bool(attributes.get("keepdims", 1))})
        if op == "Conv":
            pads = attributes.get("pads", [0, 0, 0, 0])
            if pads[:2] != pads[2:]:
                raise Unsupported(f"Conv {node.name}: uneven pads {pads}")
            static = {"stride": tuple(attributes.get("strides", [1, 1])), "padding": tuple(pads[:2]),
                      "dilation": tuple(attributes.get("dilations", [1, 1])), "groups": attributes.get("group", 1)}
            return Call(op, names, out, static)
        if op == "Resize":
            if attributes.get("mode", b"nearest") != b"nearest":
                raise Unsupported(f"Resize {node.name}: only nearest")
            scales = known_scales(names, value)
            if scales[:2] != [1, 1] or scales[2] != scales[3]:
                raise Unsupported(f"Resize {node.name}: scales {scales}")
            return Call("Upsample", names[:1], out, {"scale": float(scales[2])})
        if op == "InstanceNormalization":
            return Call(op, names, out, {"eps": attributes.get("epsilon", 1e-5)})
        if op == "LayerNormalization":
            axis = attributes.get("axis", -1)
            return Call(op, names, out, {"shape": list(x.shape[axis:]), "eps": attributes.get("epsilon", 1e-5)})
        if op == "Gemm":
            if attributes.get("alpha", 1.0) != 1 or attributes.get("beta", 1.0) != 1 or attributes.get("transA", 0):
                raise Unsupported(f"Gemm {node.name}")
            if attributes.get("transB", 0):
                return Call("linear", names, out)
            self.constants[f"{names[1]}.T"] = value(1).T.contiguous()
            return Call("linear", [names[0], f"{names[1]}.T", *names[2:]], out)
        if op in OPS:
            return Call(op, names, out)
        raise Unsupported(f"{op} {node.name}")

    def _prune(self) -> None:
        """Drops what nothing reads, and frees each value after its last reader, as eager code does."""
        wanted, kept = {self.output}, []
        for call in reversed(self.calls):
            if call.output in wanted:
                call.free = [i for i in dict.fromkeys(call.inputs) if i not in wanted and i not in self.constants]
                wanted.update(call.inputs)
                kept.append(call)
        self.calls = kept[::-1]
        self.constants = {name: value for name, value in self.constants.items() if name in wanted}

    def _place(self, graph: Graph) -> None:
        """Everything on the device, and every floating-point type the one that is computed with."""
        self.constants = {name: graph.place(name, value) for name, value in self.constants.items()}
        for call in self.calls:
            if call.op == "Cast" and call.static["dtype"].is_floating_point:
                call.static = {"dtype": graph.dtype}

    def _lay_out(self) -> None:
        if not self.channels_last:
            return
        for call in self.calls:
            if call.op == "Conv" and call.inputs[1] in self.constants:
                weight = self.constants[call.inputs[1]]
                self.constants[call.inputs[1]] = weight.contiguous(memory_format=torch.channels_last)


def known_scales(names: list, value) -> list:
    """Scales of a Resize node, from its scales or its sizes: the last input either way."""
    last = value(len(names) - 1)
    if last.is_floating_point():
        return last.tolist()
    return [int(size) // old for size, old in zip(last.tolist(), value(0).shape)]
