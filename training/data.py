"""The rendered data set, the vocabulary of its captions, and batches of both."""

import hashlib
import json
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from likewise_model import IMAGE, SLOT_COUNT, TEXT_LENGTH, Encoder

# Side of dataset.ts's maps; a map's weight beside the picture's, and the most that a place counts.
MAP_SIDE, MAP_WEIGHT, MAP_GAIN = 32, 0.75, 12
SPECIAL = ("<|startoftext|>", "<|endoftext|>")


def pictures(folder: Path, split: str) -> np.ndarray:
    """uint8 [N, 128, 128, 3], mapped from disk."""
    raw = np.memmap(folder / f"{split}.rgb", dtype=np.uint8, mode="r")
    return raw.reshape(-1, IMAGE, IMAGE, 3)


def to_pixels(batch: np.ndarray) -> torch.Tensor:
    """uint8 [B, H, W, 3] -> float [B, 3, H, W] in [-1, 1], channels last in memory."""
    return torch.from_numpy(np.array(batch)).permute(0, 3, 1, 2).float() / 127.5 - 1


def emphasis(maps: np.ndarray) -> torch.Tensor:
    """How much each place counts: uint8 [B, 2, 32, 32] of dataset.ts -> float [B, 1, 32, 32], 1 where
    no word shows. A map's places together weigh up to what the whole picture does, so that a mouth,
    a hundredth of it, counts as hair does."""
    shares = torch.from_numpy(np.array(maps)).float() / 255
    gain = (MAP_WEIGHT * MAP_SIDE**2 / shares.sum(dim=(2, 3), keepdim=True).clamp(min=1)).clamp(max=MAP_GAIN)
    return 1 + (gain * shares).amax(dim=1, keepdim=True)


def latents(folder: Path, vae: Path, split: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Latent means of the set, float [N, 8, 16, 16], and what each of their places counts, float
    [N, 1, 16, 16]; half from a random crop of 85 to 100 % of the picture's area, as Eq. 2 sees it.
    Kept in a file, since they cost minutes."""
    path = folder / f"{split}.latents.pt"
    if path.exists() and path.stat().st_mtime > vae.stat().st_mtime:
        return torch.load(path)
    encoder = Encoder().to(memory_format=torch.channels_last)
    encoder.load_state_dict(torch.load(vae, map_location="cpu")["encoder"])
    data, out, weights = pictures(folder, split), [], []
    maps = np.memmap(folder / f"{split}.maps", dtype=np.uint8, mode="r").reshape(len(data), -1, MAP_SIDE, MAP_SIDE)
    generator = torch.Generator().manual_seed(1)
    with torch.inference_mode():
        for i in range(0, len(data), 64):
            x = to_pixels(data[i : i + 64])
            weight = F.interpolate(emphasis(maps[i : i + 64]), size=x.shape[-2:])
            x = torch.cat([x, weight], 1)
            if split == "train":
                x = torch.stack([crop(p, generator) if j % 2 else p for j, p in enumerate(x)])
            out.append(encoder(x[:, :3].to(memory_format=torch.channels_last)).chunk(2, 1)[0].contiguous())
            weights.append(F.adaptive_avg_pool2d(x[:, 3:], out[-1].shape[-2:]))
    result = torch.cat(out).contiguous(), torch.cat(weights).contiguous()
    torch.save(result, path)
    return result


def crop(picture, generator):
    """A random square crop of 85 to 100 % of the area, resized back."""
    size = picture.shape[-1]
    area = 0.85 + 0.15 * torch.rand((), generator=generator).item()
    side = round(size * area**0.5)
    top, left = torch.randint(size - side + 1, (2,), generator=generator).tolist()
    part = picture[:, top : top + side, left : left + side][None]
    return F.interpolate(part, size=(size, size), mode="bilinear", align_corners=False)[0]


def words(folder: Path, split: str) -> list[list[str]]:
    """A list of ten words a picture."""
    return [line.split() for line in (folder / f"{split}.txt").read_text().splitlines()]


def is_held_out(caption: list[str]) -> bool:
    """As in avatars/avatar.ts: one attribute set in ten, by a hash."""
    return hashlib.sha256(" ".join(caption).encode()).digest()[0] < 26


def load_split(folder: Path, vae: Path):
    """Captions of both splits, vocabulary, (scaled latents, weights) of both, and the scale."""
    captions, held_captions = words(folder, "train"), words(folder, "heldout")
    (z, weights), (held, held_weights) = latents(folder, vae, "train"), latents(folder, vae, "heldout")
    factor = 1 / z.std().item()
    vocabulary = Vocabulary(captions + held_captions)
    return captions, held_captions, vocabulary, (z * factor, weights), (held * factor, held_weights), factor


class Vocabulary:
    """Caption words as token ids of a byte-pair encoding in CLIP's file format.

    The encoding is trained on the caption words until each is one token, so that a caption has one
    token a slot; any other text still encodes, in smaller pieces.
    """

    def __init__(self, captions: list[list[str]]):
        self.words = sorted({word for caption in captions for word in caption})
        letters = [chr(c) for c in range(33, 127)]
        self.merges = self._train()
        pieces = letters + [c + "</w>" for c in letters] + ["".join(m) for m in self.merges]
        self.ids = {piece: i for i, piece in enumerate(dict.fromkeys(pieces))}
        for special in SPECIAL:
            self.ids[special] = len(self.ids)
        self.bos, self.eos = self.ids[SPECIAL[0]], self.ids[SPECIAL[1]]
        self.slots = [sorted({caption[slot] for caption in captions}) for slot in range(SLOT_COUNT)]

    def _train(self) -> list[tuple[str, str]]:
        splits = {w: [*w[:-1], w[-1] + "</w>"] for w in self.words}
        merges = []
        while any(len(s) > 1 for s in splits.values()):
            counts: dict[tuple[str, str], int] = {}
            for s in splits.values():
                for pair in zip(s, s[1:]):
                    counts[pair] = counts.get(pair, 0) + 1
            best = max(sorted(counts), key=counts.__getitem__)
            merges.append(best)
            for word, s in splits.items():
                joined, i = [], 0
                while i < len(s):
                    if i + 1 < len(s) and (s[i], s[i + 1]) == best:
                        joined.append(s[i] + s[i + 1])
                        i += 2
                    else:
                        joined.append(s[i])
                        i += 1
                splits[word] = joined
        return merges

    def __len__(self) -> int:
        return len(self.ids)

    def encode(self, captions: list[list[str]]) -> torch.Tensor:
        """int64 [B, 16]: start of text, a token a word, ends of text."""
        ids = torch.full((len(captions), TEXT_LENGTH), self.eos)
        ids[:, 0] = self.bos
        for row, caption in enumerate(captions):
            ids[row, 1 : 1 + len(caption)] = torch.tensor([self.ids[w + "</w>"] for w in caption])
        return ids

    def save(self, folder: Path) -> None:
        """Writes the four tokenizer files that CLIP's tokenizers read."""
        folder.mkdir(parents=True, exist_ok=True)
        bos, eos = SPECIAL

        def dump(name: str, value: object) -> None:
            (folder / name).write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n")

        dump("vocab.json", self.ids)
        lines = ["#version: 0.2", *(" ".join(m) for m in self.merges)]
        (folder / "merges.txt").write_text("\n".join(lines) + "\n")
        dump("special_tokens_map.json", {"bos_token": bos, "eos_token": eos, "pad_token": eos, "unk_token": eos})
        dump("tokenizer_config.json", {
            "tokenizer_class": "CLIPTokenizer", "model_max_length": TEXT_LENGTH, "do_lower_case": True,
            "bos_token": bos, "eos_token": eos, "pad_token": eos, "unk_token": eos, "add_prefix_space": False,
        })
