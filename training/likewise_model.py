"""The parts of the avatar model: Stable Diffusion's topology at small width.

Shapes: pictures [B, 3, 128, 128] in [-1, 1]; latents [B, 8, 16, 16]; captions [B, 16] token ids;
context [B, 16, 128]. The latent scale is in no module: callers multiply by it.
"""

import math

import torch
import torch.nn.functional as F
from torch import nn

IMAGE, PATCH, LATENT, LATENT_SIDE = 128, 4, 8, 16
TEXT_LENGTH, TEXT_WIDTH, TEXT_LAYERS, TEXT_HEADS = 16, 128, 3, 4
WIDTHS, TIME_WIDTH, HEAD_WIDTH = (64, 128, 192), 256, 32
SLOT_COUNT = 10


def norm(channels: int, eps: float = 1e-5) -> nn.GroupNorm:
    return nn.GroupNorm(16, channels, eps=eps)


class ResBlock(nn.Module):
    """x + conv(silu(norm(conv(silu(norm(x))) + time)))."""

    def __init__(self, inner: int, outer: int, time: int = 0):
        super().__init__()
        self.norm1, self.conv1 = norm(inner), nn.Conv2d(inner, outer, 3, padding=1)
        self.time = nn.Linear(time, outer) if time else None
        self.norm2, self.conv2 = norm(outer), nn.Conv2d(outer, outer, 3, padding=1)
        self.skip = nn.Conv2d(inner, outer, 1) if inner != outer else nn.Identity()
        nn.init.zeros_(self.conv2.weight)
        nn.init.zeros_(self.conv2.bias)

    def forward(self, x, time=None):
        h = self.conv1(F.silu(self.norm1(x)))
        if self.time is not None:
            h = h + self.time(F.silu(time))[:, :, None, None]
        return self.skip(x) + self.conv2(F.silu(self.norm2(h)))


class Attention(nn.Module):
    """Multi-head attention of x [B, N, C] over context [B, M, D] (over x itself without one)."""

    def __init__(self, width: int, context: int | None = None, head: int = HEAD_WIDTH):
        super().__init__()
        self.heads, self.head = width // head, head
        self.q = nn.Linear(width, width, bias=False)
        self.k = nn.Linear(context or width, width, bias=False)
        self.v = nn.Linear(context or width, width, bias=False)
        self.out = nn.Linear(width, width)

    def forward(self, x, context=None, mask=None):
        context = x if context is None else context
        batch, length, width = x.shape

        def split(y):
            return y.reshape(batch, y.shape[1], self.heads, self.head).transpose(1, 2)

        q, k, v = split(self.q(x)), split(self.k(context)), split(self.v(context))
        scores = q @ k.transpose(-1, -2) * self.head**-0.5
        if mask is not None:
            scores = scores + mask
        y = (scores.softmax(-1) @ v).transpose(1, 2).reshape(batch, length, width)
        return self.out(y)


class FeedForward(nn.Module):
    """GEGLU, four times as wide inside."""

    def __init__(self, width: int):
        super().__init__()
        self.up, self.down = nn.Linear(width, width * 8), nn.Linear(width * 4, width)

    def forward(self, x):
        value, gate = self.up(x).chunk(2, dim=-1)
        return self.down(value * F.gelu(gate))


class Transformer(nn.Module):
    """SD's spatial transformer: self-attention, cross-attention, GEGLU, between two 1x1 convolutions."""

    def __init__(self, width: int, context: int):
        super().__init__()
        self.norm, self.proj_in = norm(width, 1e-6), nn.Conv2d(width, width, 1)
        self.norm1, self.attn1 = nn.LayerNorm(width), Attention(width)
        self.norm2, self.attn2 = nn.LayerNorm(width), Attention(width, context)
        self.norm3, self.ff = nn.LayerNorm(width), FeedForward(width)
        self.proj_out = nn.Conv2d(width, width, 1)
        nn.init.zeros_(self.proj_out.weight)
        nn.init.zeros_(self.proj_out.bias)

    def forward(self, x, context):
        batch, width, height, side = x.shape
        h = self.proj_in(self.norm(x)).permute(0, 2, 3, 1).reshape(batch, height * side, width)
        h = h + self.attn1(self.norm1(h))
        h = h + self.attn2(self.norm2(h), context)
        h = h + self.ff(self.norm3(h))
        h = h.reshape(batch, height, side, width).permute(0, 3, 1, 2)
        return x + self.proj_out(h)


class Down(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, stride=2, padding=1)

    def forward(self, x):
        return self.conv(x)


class Up(nn.Module):
    def __init__(self, width: int, out: int | None = None):
        super().__init__()
        self.conv = nn.Conv2d(width, out or width, 3, padding=1)

    def forward(self, x):
        return self.conv(F.interpolate(x, scale_factor=2.0, mode="nearest"))


class Level(nn.Module):
    """One block of a level: a ResBlock, and a Transformer where the level has them."""

    def __init__(self, inner: int, outer: int, attends: bool):
        super().__init__()
        self.res = ResBlock(inner, outer, TIME_WIDTH)
        self.attn = Transformer(outer, TEXT_WIDTH) if attends else None

    def forward(self, x, time, context):
        x = self.res(x, time)
        return x if self.attn is None else self.attn(x, context)


class UNet(nn.Module):
    """Predicts the noise in a latent. One block a level down, two up, as SD with layers_per_block = 1;
    the top level (16 x 16) has no attention."""

    def __init__(self):
        super().__init__()
        w0, w1, w2 = WIDTHS
        self.time1, self.time2 = nn.Linear(w0, TIME_WIDTH), nn.Linear(TIME_WIDTH, TIME_WIDTH)
        self.conv_in = nn.Conv2d(LATENT, w0, 3, padding=1)
        self.down0, self.pool0 = Level(w0, w0, False), Down(w0)
        self.down1, self.pool1 = Level(w0, w1, True), Down(w1)
        self.down2 = Level(w1, w2, True)
        self.mid0, self.mid1 = Level(w2, w2, True), ResBlock(w2, w2, TIME_WIDTH)
        self.up2a, self.up2b, self.grow2 = Level(2 * w2, w2, True), Level(w2 + w1, w2, True), Up(w2)
        self.up1a, self.up1b, self.grow1 = Level(w2 + w1, w1, True), Level(w1 + w0, w1, True), Up(w1)
        self.up0a, self.up0b = Level(w1 + w0, w0, False), Level(2 * w0, w0, False)
        self.norm_out, self.conv_out = norm(w0), nn.Conv2d(w0, LATENT, 3, padding=1)
        nn.init.zeros_(self.conv_out.weight)
        nn.init.zeros_(self.conv_out.bias)
        half = w0 // 2
        frequencies = torch.exp(-math.log(10000) * torch.arange(half, dtype=torch.float32) / half)
        self.register_buffer("frequencies", frequencies, persistent=False)

    def forward(self, sample, timestep, context):
        """sample [B, 8, 16, 16], timestep [B] in 0..999, context [B, 16, 128] -> noise like sample."""
        angles = timestep[:, None] * self.frequencies[None]
        time = self.time1(torch.cat([angles.cos(), angles.sin()], dim=-1))
        time = self.time2(F.silu(time))
        h0 = self.conv_in(sample)
        h1 = self.down0(h0, time, context)
        h2 = self.pool0(h1)
        h3 = self.down1(h2, time, context)
        h4 = self.pool1(h3)
        h5 = self.down2(h4, time, context)
        x = self.mid1(self.mid0(h5, time, context), time)
        x = self.up2a(torch.cat([x, h5], 1), time, context)
        x = self.grow2(self.up2b(torch.cat([x, h4], 1), time, context))
        x = self.up1a(torch.cat([x, h3], 1), time, context)
        x = self.grow1(self.up1b(torch.cat([x, h2], 1), time, context))
        x = self.up0a(torch.cat([x, h1], 1), time, context)
        x = self.up0b(torch.cat([x, h0], 1), time, context)
        return self.conv_out(F.silu(self.norm_out(x)))


class TextLayer(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.norm1, self.attn = nn.LayerNorm(width), Attention(width)
        self.norm2 = nn.LayerNorm(width)
        self.fc1, self.fc2 = nn.Linear(width, width * 4), nn.Linear(width * 4, width)

    def forward(self, x, mask):
        x = x + self.attn(self.norm1(x), mask=mask)
        h = self.fc1(self.norm2(x))
        return x + self.fc2(h * torch.sigmoid(1.702 * h))


class TextEncoder(nn.Module):
    """CLIP's text encoder: token and position embeddings, causal pre-norm layers, a last norm."""

    def __init__(self, vocabulary: int):
        super().__init__()
        self.tokens = nn.Embedding(vocabulary, TEXT_WIDTH)
        self.positions = nn.Parameter(torch.randn(TEXT_LENGTH, TEXT_WIDTH) * 0.02)
        self.layers = nn.ModuleList(TextLayer(TEXT_WIDTH) for _ in range(TEXT_LAYERS))
        self.norm = nn.LayerNorm(TEXT_WIDTH)
        nn.init.normal_(self.tokens.weight, std=0.06)
        mask = torch.full((TEXT_LENGTH, TEXT_LENGTH), -1e4).triu(1)
        self.register_buffer("mask", mask, persistent=False)

    def encode(self, embeddings):
        x = embeddings + self.positions
        for layer in self.layers:
            x = layer(x, self.mask)
        return self.norm(x)

    def forward(self, input_ids):
        """input_ids [B, 16] -> features [B, 16, 128], and those at the first end of text [B, 128]."""
        x = self.encode(self.tokens(input_ids))
        end = (input_ids == self.tokens.num_embeddings - 1).to(torch.int32).argmax(dim=-1)
        return x, x[torch.arange(x.shape[0]), end]


def unshuffle(x):
    """[B, C, H, W] -> [B, C 16, H/4, W/4], in Reshape and Transpose alone."""
    b, c, h, w = x.shape
    x = x.reshape(b, c, h // PATCH, PATCH, w // PATCH, PATCH).permute(0, 1, 3, 5, 2, 4)
    return x.reshape(b, c * PATCH * PATCH, h // PATCH, w // PATCH)


def shuffle(x):
    b, c, h, w = x.shape
    x = x.reshape(b, c // PATCH**2, PATCH, PATCH, h, w).permute(0, 1, 4, 2, 5, 3)
    return x.reshape(b, c // PATCH**2, h * PATCH, w * PATCH)


class Encoder(nn.Module):
    """Picture -> mean and log-variance of its latent, [B, 16, 16, 16]. Starts from 4x4 patches:
    convolutions at full resolution would cost more than everything else together."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(48, 48, 3, padding=1), ResBlock(48, 48),
            nn.Conv2d(48, 96, 3, stride=2, padding=1), ResBlock(96, 96),
            norm(96), nn.SiLU(), nn.Conv2d(96, 2 * LATENT, 3, padding=1),
        )

    def forward(self, pixels):
        return self.body(unshuffle(pixels))


class Decoder(nn.Module):
    """Latent [B, 8, 16, 16] -> picture."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(LATENT, 96, 3, padding=1), ResBlock(96, 96), ResBlock(96, 96),
            Up(96, 64), ResBlock(64, 64), ResBlock(64, 64),
            norm(64), nn.SiLU(), nn.Conv2d(64, 48, 3, padding=1),
        )

    def forward(self, latent):
        return shuffle(self.body(latent))


class TokenEncoder(nn.Module):
    """Latent -> a first guess of the ten word embeddings [B, 10, 128]: the probabilities of each
    slot's words times their rows of the token table."""

    def __init__(self, table: torch.Tensor, vocabulary):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(LATENT, 64, 3, padding=1), ResBlock(64, 64),
            nn.Conv2d(64, 96, 3, stride=2, padding=1), ResBlock(96, 96), ResBlock(96, 96),
            nn.Conv2d(96, 160, 3, stride=2, padding=1), ResBlock(160, 160), norm(160), nn.SiLU(),
        )
        rows = [[vocabulary.ids[w + "</w>"] for w in slot] for slot in vocabulary.slots]
        self.sizes = [len(r) for r in rows]
        self.register_buffer("rows", torch.tensor(sum(rows, [])), persistent=False)
        self.head = nn.Linear(160 * 16, sum(self.sizes))
        self.set_table(table)

    def set_table(self, table: torch.Tensor) -> None:
        """Takes the words' rows out of the token table [V, 128]; the text encoder may train on."""
        self.words = [part.clone() for part in table[self.rows].split(self.sizes)]

    def logits(self, latent):
        """A tensor [B, words of the slot] for each slot."""
        return self.head(self.body(latent).flatten(1)).split(self.sizes, dim=1)

    def forward(self, latent):
        guesses = [l.softmax(-1) @ w for l, w in zip(self.logits(latent), self.words)]
        return torch.stack(guesses, dim=1)


class Schedule:
    """SD's noise schedule: betas linear in their square roots, T = 1000."""

    def __init__(self):
        betas = torch.linspace(0.00085**0.5, 0.012**0.5, 1000) ** 2
        self.abar = torch.cumprod(1 - betas, 0)

    def add(self, z, noise, t):
        a = self.abar[t][:, None, None, None]
        return a.sqrt() * z + (1 - a).sqrt() * noise
