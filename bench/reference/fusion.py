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
    """Rewrites a list of calls: aliases, group norm, SiLU, GELU, linear layers, attention. Weights in
    the layout that the fused calls want are added to `constants`."""

    def __init__(self, calls: list[Call], constants: dict[str, torch.Tensor], output: str):
        self.calls, self.constants, self.output = calls, constants, output

    def run(self, sdpa: bool) -> list[Call]:
        for fuse in [self._aliases, self._group_norm, self._silu, self._gelu, self._linear, *([self._attention] if sdpa else [])]:
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
            self.constants[name] = weight.T.contiguous()
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
            scale = before and before.op == "Mul" and self._scalar(before.inputs[1])
            scores = before and self.made.get(before.inputs[0])
            if not (result and scale and scores and scores.op == "MatMul" and result.inputs[0] == soft.output):
                continue
            q, kt = scores.inputs
            inputs = [q, kt, result.inputs[1], *([mask] if mask else [])]
            self._replace(result, [*gone, before, scores], "attention", inputs, scale=scale)
