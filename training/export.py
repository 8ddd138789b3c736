"""Writes the trained parts as a folder in diffusers' ONNX layout: python export.py OUT [--runs runs].

Weights of 1,024 numbers and more are stored as float16 behind a Cast, which halves the folder;
runtimes fold the Cast when they load the graph, and all arithmetic is in float32.
"""

import argparse
import json
import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

from data import Vocabulary, words
from likewise_model import IMAGE, LATENT, LATENT_SIDE, TEXT_LENGTH, TEXT_WIDTH
from likewise_model import Decoder, Encoder, TextEncoder, TokenEncoder, UNet

HERE = Path(__file__).parent
OPSET = 17


def halve(model: onnx.ModelProto) -> onnx.ModelProto:
    """Stores large float32 initializers as float16, with a Cast back."""
    graph, casts = model.graph, []
    for tensor in graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims) < 1024:
            continue
        name, half = tensor.name, numpy_helper.to_array(tensor).astype(np.float16)
        stored = numpy_helper.from_array(half, name + ".fp16")
        tensor.CopyFrom(stored)
        casts.append(helper.make_node("Cast", [stored.name], [name], name=name + ".cast", to=TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.checker.check_model(model)
    return model


def rename(model: onnx.ModelProto, module: nn.Module) -> None:
    """Gives weights that the exporter reshaped or transposed the names they have in the module, with
    ".T" where transposed: the folder can then be trained on (weights.py reads it back)."""
    names = {}
    for name, p in module.named_parameters():
        if p.ndim == 2:
            names[p.detach().T.contiguous().numpy().tobytes()] = name + ".T"
        elif p.ndim == 1:
            names[p.detach().numpy().tobytes()] = name
    changed = {}
    for tensor in model.graph.initializer:
        if tensor.name.startswith("onnx::") and (name := names.get(numpy_helper.to_array(tensor).tobytes())):
            changed[tensor.name] = name
            tensor.name = name
    for node in model.graph.node:
        for i, name in enumerate(node.input):
            node.input[i] = changed.get(name, name)


def export(module: nn.Module, path: Path, inputs: dict[str, torch.Tensor], outputs: list[str]) -> None:
    path.mkdir(parents=True, exist_ok=True)
    file = path / "model.onnx"
    axes = {name: {0: "batch"} for name in [*inputs, *outputs]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(module.eval(), tuple(inputs.values()), str(file), input_names=list(inputs),
                          output_names=outputs, dynamic_axes=axes, opset_version=OPSET, dynamo=False)
    model = onnx.load(file)
    rename(model, module)
    onnx.save(halve(model), file)


def dump(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=2) + "\n")


class Mean(nn.Module):
    """The encoder without its variance: the latent is the posterior's mean."""

    def __init__(self, encoder: Encoder):
        super().__init__()
        self.encoder = encoder

    def forward(self, pixels):
        return self.encoder(pixels)[:, :LATENT]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("--runs", type=Path, default=HERE / "runs")
    parser.add_argument("--data", type=Path, default=HERE / "data")
    parser.add_argument("--random", action="store_true", help="random weights: shapes to test against")
    args = parser.parse_args()
    vocabulary = Vocabulary(words(args.data, "train") + words(args.data, "heldout"))
    text, unet, encoder, decoder = TextEncoder(len(vocabulary)), UNet(), Encoder(), Decoder()
    factor = 0.5
    if args.random:
        torch.manual_seed(0)
        for p in [*unet.parameters(), *encoder.parameters(), *decoder.parameters()]:
            if p.ndim > 1 and not p.any():
                nn.init.normal_(p, std=0.02)
    else:
        vae, state = torch.load(args.runs / "vae.pt", map_location="cpu"), torch.load(args.runs / "unet.pt", map_location="cpu")
        encoder.load_state_dict(vae["encoder"])
        decoder.load_state_dict(vae["decoder"])
        with torch.no_grad():
            for p, a in zip([*text.parameters(), *unet.parameters()], state["average"]):
                p.copy_(a)
        factor = state["factor"]
    latent = torch.randn(2, LATENT, LATENT_SIDE, LATENT_SIDE)
    pixels = torch.randn(2, 3, IMAGE, IMAGE)
    ids = vocabulary.encode([["micah"] * 10, ["pale"] * 4]).to(torch.int32)
    context = torch.randn(2, TEXT_LENGTH, TEXT_WIDTH)
    out = args.out
    export(text, out / "text_encoder", {"input_ids": ids}, ["last_hidden_state", "pooler_output"])
    export(unet, out / "unet", {"sample": latent, "timestep": torch.tensor([1.0, 500.0]),
                                "encoder_hidden_states": context}, ["out_sample"])
    export(Mean(encoder), out / "vae_encoder", {"sample": pixels}, ["latent_sample"])
    export(decoder, out / "vae_decoder", {"latent_sample": latent}, ["sample"])
    guess = args.runs / "token_encoder.pt"
    if guess.exists() and not args.random:
        token_encoder = TokenEncoder(text.tokens.weight.detach(), vocabulary)
        token_encoder.load_state_dict(torch.load(guess, map_location="cpu")["token_encoder"])
        token_encoder.set_table(text.tokens.weight.detach())
        export(token_encoder, out / "token_encoder", {"latent_sample": latent}, ["token_embeddings"])
    vocabulary.save(out / "tokenizer")
    (out / "scheduler").mkdir(exist_ok=True)
    dump(out / "scheduler" / "scheduler_config.json", {
        "_class_name": "DDIMScheduler", "beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear",
        "num_train_timesteps": 1000, "prediction_type": "epsilon", "steps_offset": 1, "set_alpha_to_one": False,
        "clip_sample": False, "timestep_spacing": "leading",
    })
    for part in ("vae_encoder", "vae_decoder"):
        dump(out / part / "config.json", {"latent_channels": LATENT, "scaling_factor": factor, "sample_size": IMAGE})
    dump(out / "unet" / "config.json", {"in_channels": LATENT, "sample_size": LATENT_SIDE,
                                        "cross_attention_dim": TEXT_WIDTH})
    parts = ["text_encoder", "unet", "vae_encoder", "vae_decoder"]
    index = {"_class_name": "OnnxStableDiffusionPipeline", "scheduler": ["diffusers", "DDIMScheduler"],
             "tokenizer": ["transformers", "CLIPTokenizer"]}
    dump(out / "model_index.json", index | {part: ["diffusers", "OnnxRuntimeModel"] for part in parts})
    size = sum(f.stat().st_size for f in out.rglob("*") if f.is_file())
    print(f"{out}: {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
