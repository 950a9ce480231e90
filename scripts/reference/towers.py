"""Image and text towers: what they declare, and their forward passes."""
import dataclasses

import torch

from layers import Block, attention, linear, norm
import torch.nn.functional as F


@dataclasses.dataclass
class VisionTower:
    """Patches to one vector, or to all tokens where `pooling` is none."""
    image_size: int
    patch_size: int
    block: Block
    layers: int
    output_width: int | None
    class_token: bool = True
    conditioned: bool = False  # a second class token, mixed with the first by lambda
    patch_bias: bool = False
    pre_norm: bool = True
    final_norm: str = "pooled"  # pooled | tokens | none
    pooling: str = "class-token"  # class-token | mean | attention | none
    pooler_heads: int = 0
    pooler_mlp_width: int = 0
    output_bias: bool = False

    @property
    def patches(self):
        return (self.image_size // self.patch_size) ** 2

    @property
    def pixels(self):
        return 3 * self.patch_size**2

    def declare(self, ps):
        width = self.block.width
        ps.linear("image.embedding.patch_embedding", self.pixels, width, bias=self.patch_bias)
        if self.class_token:
            ps.add("image.embedding.class_token", [width], 0.5)
            if self.conditioned:
                ps.add("image.embedding.robust_class_token", [width], 0.5)
        ps.add("image.embedding.positions", [self.patches + int(self.class_token), width], 0.2)
        if self.pre_norm:
            ps.norm("image.embedding.pre-norm", width)
        for i in range(self.layers):
            self.block.declare(ps, f"image.blocks.{i}.")
        if self.final_norm != "none":
            ps.norm("image.head.final_norm", width)
        if self.pooling == "attention":
            ps.add("image.head.latent", [width], 0.5)
            ps.linear("image.head.pool_q", width, width)
            ps.linear("image.head.pool_kv", width, 2 * width)
            ps.linear("image.head.pool_proj", width, width)
            ps.norm("image.head.pool_norm", width)
            ps.linear("image.head.pool_fc1", width, self.pooler_mlp_width)
            ps.linear("image.head.pool_fc2", self.pooler_mlp_width, width)
        if self.output_width:
            ps.linear(
                "image.head.image_projection", width, self.output_width, bias=self.output_bias)

    def forward(self, p, patches, taps, lambdas=None):
        """`patches [samples, patches, pixels]`; appends every stage's tokens to `taps`."""
        x = linear(p, "image.embedding.patch_embedding", patches)
        if self.class_token:
            token = p["image.embedding.class_token"].expand(len(x), 1, -1)
            if lambdas is not None:
                mix = lambdas.to(x.dtype)[:, None, None]
                token = (1 - mix) * token + mix * p["image.embedding.robust_class_token"]
            x = torch.cat([token, x], 1)
        x = x + p["image.embedding.positions"]
        if self.pre_norm:
            x = norm(p, "image.embedding.pre-norm", x)
        taps.append(("image.embedding", x))
        for i in range(self.layers):
            x = self.block.forward(p, f"image.blocks.{i}.", x)
            taps.append((f"image.blocks.{i}", x))
        if self.final_norm == "tokens":
            x = norm(p, "image.head.final_norm", x)
        if self.pooling == "none":
            return x
        if self.pooling == "attention":
            x = self.pooler(p, x)
        else:
            x = x.mean(1) if self.pooling == "mean" else x[:, 0]
        if self.final_norm == "pooled":
            x = norm(p, "image.head.final_norm", x)
        if self.output_width:
            x = linear(p, "image.head.image_projection", x)
        taps.append(("image.head", x))
        return x

    def pooler(self, p, x):
        """SigLIP's head: one learned query attends to all tokens, then a residual MLP."""
        latent = p["image.head.latent"].expand(len(x), 1, -1)
        q = linear(p, "image.head.pool_q", latent)
        k, v = linear(p, "image.head.pool_kv", x).chunk(2, -1)
        y = attention(q, k, v, self.pooler_heads)[:, 0]
        y = linear(p, "image.head.pool_proj", y)
        hidden = linear(p, "image.head.pool_fc1", norm(p, "image.head.pool_norm", y))
        return y + linear(p, "image.head.pool_fc2", F.gelu(hidden))


@dataclasses.dataclass
class TextTower:
    """Token ids to one vector: every token is normalised, then one is picked."""
    tokens: int
    vocabulary: int
    block: Block
    layers: int
    output_width: int
    output_bias: bool = False

    def declare(self, ps):
        width = self.block.width
        ps.add("text.embedding.token_embedding", [self.vocabulary, width], 0.5)
        ps.add("text.embedding.positions", [self.tokens, width], 0.2)
        for i in range(self.layers):
            self.block.declare(ps, f"text.blocks.{i}.")
        ps.norm("text.head.final_norm", width)
        ps.linear("text.head.text_projection", width, self.output_width, bias=self.output_bias)

    def forward(self, p, tokens, ends, taps):
        """`tokens [samples, tokens]`; `ends [samples]` is the position that is picked."""
        x = p["text.embedding.token_embedding"][tokens] + p["text.embedding.positions"]
        taps.append(("text.embedding", x))
        for i in range(self.layers):
            x = self.block.forward(p, f"text.blocks.{i}.", x)
            taps.append((f"text.blocks.{i}", x))
        x = norm(p, "text.head.final_norm", x)[torch.arange(len(x)), ends]
        x = linear(p, "text.head.text_projection", x)
        taps.append(("text.head", x))
        return x
