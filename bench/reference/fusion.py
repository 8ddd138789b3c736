"""Puts exporters' spellings back into the functions that PyTorch has for them."""

from dataclasses import dataclass, field

import numpy as np
import torch


@dataclass
class Call:
    """output = op(inputs, **static); inputs are names of values or of constants."""

    op: str
    inputs: list
    output: str
    static: dict = field(default_factory=dict)
    free: list = field(default_factory=list)


class Fusion:
    """Rewrites a list of calls: aliases, group and layer norm, SiLU, GELU, linear layers, attention.
    Weights in the layout that the fused calls want are added to `constants`, `lean`: as views."""

    def __init__(self, calls: list[Call], constants: dict[str, torch.Tensor], output: str, lean: bool = False):
        self.calls, self.constants, self.output, self.lean = calls, constants, output, lean

    def run(self, sdpa: bool) -> list[Call]:
        for fuse in [self._aliases, self._group_norm, self._layer_norm, self._silu, self._gelu, self._linear, *([self._attention] if sdpa else [])]:
            self._index()
            fuse()
            self.calls = [c for c in self.calls if c.op != "gone"]
        return self.calls

    def _index(self) -> None:
        self.made = {c.output: c for c in self.calls}
        self.uses: dict[str, list[Call]] = {}
        for call in self.calls:
            for name in call.inputs:
                self.uses.setdefault(name, []).append(call)

    def _next(self, call: Call, op: str) -> Call | None:
        """The only reader of a value, where it is an `op`."""
        users = self.uses.get(call.output, [])
        return users[0] if len(users) == 1 and users[0].op == op and call.output != self.output else None

    def _scalar(self, name: str) -> float | None:
        value = self.constants.get(name)
        return value.item() if value is not None and value.numel() == 1 else None

    @staticmethod
    def _other(call: Call, name: str) -> str:
        return call.inputs[1] if call.inputs[0] == name else call.inputs[0]

    def _replace(self, last: Call, gone: list, op: str, inputs: list, **static) -> None:
        for call in gone:
            call.op = "gone"
        last.op, last.inputs, last.static = op, inputs, static

    def _aliases(self) -> None:
        names: dict[str, str] = {}
        for call in self.calls:
            call.inputs = [names.get(i, i) for i in call.inputs]
            if call.op == "Identity" and call.output != self.output:
                names[call.output] = call.inputs[0]
                call.op = "gone"

    def _group_norm(self) -> None:
        for first in [c for c in self.calls if c.op == "Reshape"]:
            norm = self._next(first, "InstanceNormalization")
            back = norm and self._next(norm, "Reshape")
            if not norm or not back or len(first.static["shape"]) != 3:
                continue
            scale = self._next(back, "Mul")
            shift = scale and self._next(scale, "Add")
            if not scale or not shift:
                continue
            w, b = self._other(scale, back.output), self._other(shift, scale.output)
            plain = self.constants[norm.inputs[1]].eq(1).all() and self.constants[norm.inputs[2]].eq(0).all()
            if w not in self.constants or b not in self.constants or not plain:
                continue
            channels = back.static["shape"][1]
            if self.constants[w].numel() != channels or self.constants[b].numel() != channels:
                continue
            for name in (w, b):
                self.constants[f"{name}.flat"] = self.constants[name].reshape(-1)
            groups, eps = first.static["shape"][1], norm.static["eps"]
            self._replace(shift, [first, norm, back, scale], "group_norm",
                          [first.inputs[0], f"{w}.flat", f"{b}.flat"], groups=groups, eps=eps)

    def _layer_norm(self) -> None:
        """(x - mean) / sqrt(mean((x - mean)^2) + eps) * w + b, along the last axis."""
        for root in [c for c in self.calls if c.op == "Sqrt"]:
            shifted = self.made.get(root.inputs[0])
            ratio = self._next(root, "Div")
            scale = ratio and self._next(ratio, "Mul")
            shift = scale and self._next(scale, "Add")
            if not (shifted and shifted.op == "Add" and ratio and scale and shift):
                continue
            eps = self._scalar(shifted.inputs[1])
            mean_square = self.made.get(shifted.inputs[0])
            square = mean_square and mean_square.op == "ReduceMean" and self.made.get(mean_square.inputs[0])
            difference = self.made.get(ratio.inputs[0])
            mean = difference and difference.op == "Sub" and self.made.get(difference.inputs[1])
            if not (eps and square and square.op == "Pow" and self._scalar(square.inputs[1]) == 2
                    and square.inputs[0] == difference.output and mean and mean.op == "ReduceMean"
                    and mean.inputs[0] == difference.inputs[0] and len(self.uses[difference.output]) == 2):
                continue
            last = [call.static["axes"] == [-1] and call.static["keep"] for call in (mean, mean_square)]
            w, b = self._other(scale, ratio.output), self._other(shift, scale.output)
            if not all(last) or w not in self.constants or b not in self.constants or self.constants[w].ndim != 1:
                continue
            gone = [mean, difference, square, mean_square, shifted, root, ratio, scale]
            self._replace(shift, gone, "LayerNormalization", [mean.inputs[0], w, b],
                          shape=list(self.constants[w].shape), eps=eps)

    def _silu(self) -> None:
        for gate in [c for c in self.calls if c.op == "Sigmoid"]:
            product = self._next(gate, "Mul")
            if product and sorted(product.inputs) == sorted([gate.inputs[0], gate.output]):
                self._replace(product, [gate], "silu", [gate.inputs[0]])

    def _gelu(self) -> None:
        for erf in [c for c in self.calls if c.op == "Erf"]:
            ratio = self.made.get(erf.inputs[0])
            one = self._next(erf, "Add")
            product = one and self._next(one, "Mul")
            half = product and self._next(product, "Mul")
            if not (ratio and ratio.op == "Div" and one and product and half):
                continue
            x = ratio.inputs[0]
            constants = [self._scalar(ratio.inputs[1]), self._scalar(self._other(one, erf.output)),
                         self._scalar(self._other(half, product.output))]
            if self._other(product, one.output) == x and None not in constants and np.allclose(constants, [2**0.5, 1, 0.5]):
                self._replace(half, [ratio, erf, one, product], "gelu", [x])

    def _linear(self) -> None:
        for product in [c for c in self.calls if c.op == "MatMul"]:
            weight = self.constants.get(product.inputs[1])
            if weight is None or weight.ndim != 2:
                continue
            name = f"{product.inputs[1]}.T"
            self.constants[name] = weight.T if self.lean else weight.T.contiguous()
            plus = self._next(product, "Add")
            bias = plus and self._other(plus, product.output)
            if plus and bias in self.constants and self.constants[bias].ndim == 1:
                self._replace(plus, [product], "linear", [product.inputs[0], name, bias])
            else:
                self._replace(product, [], "linear", [product.inputs[0], name])

    def _attention(self) -> None:
        for soft in [c for c in self.calls if c.op == "Softmax"]:
            result = self._next(soft, "MatMul")
            before, mask, gone = self.made.get(soft.inputs[0]), None, [soft]
            if before and before.op == "Add":
                mask = next((i for i in before.inputs if i in self.constants), None)
                if mask is None:
                    continue
                gone.append(before)
                before = self.made.get(self._other(before, mask))
            scale = self._scalar(before.inputs[1]) if before and before.op == "Mul" else None
            scores = self.made.get(before.inputs[0]) if scale else before
            if not (result and scores and scores.op == "MatMul" and result.inputs[0] == soft.output):
                continue
            if scale:
                gone.append(before)
            q, kt = scores.inputs
            # As PyTorch's exporter writes it: q and k each scaled by the fourth root.
            scaled = [self.made.get(name) for name in (q, kt)]
            each = [self._scalar(c.inputs[1]) if c and c.op == "Mul" else None for c in scaled]
            if all(each):
                q, kt = (c.inputs[0] for c in scaled)
                gone.extend(c for c in scaled if len(self.uses[c.output]) == 1)
                scale = (scale or 1) * each[0] * each[1]
            inputs = [q, kt, result.inputs[1], *([mask] if mask else [])]
            self._replace(result, [*gone, scores], "attention", inputs, scale=scale or 1.0)
