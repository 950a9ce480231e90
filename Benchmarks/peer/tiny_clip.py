"""The peer's model: two pre-norm towers as `models/` describes them, written as PyTorch likes it."""
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.checkpoint import checkpoint


class Block(nn.Module):
    """Attention and GELU MLP, each behind its norm; biases everywhere."""

    def __init__(self, options, causal):
        super().__init__()
        width = options.width
        self.heads, self.causal, self.gelu = options.heads, causal, options.gelu
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.fc1 = nn.Linear(width, options.mlp_ratio * width)
        self.fc2 = nn.Linear(options.mlp_ratio * width, width)

    def attention(self, x):
        samples, tokens, width = x.shape
        q, k, v = self.qkv(x).view(
            samples, tokens, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=self.causal)
        return self.proj(y.transpose(1, 2).reshape(samples, tokens, width))

    def forward(self, x):
        x = x + self.attention(self.norm1(x))
        form = "tanh" if self.gelu == "tanh" else "none"
        return x + self.fc2(F.gelu(self.fc1(self.norm2(x)), approximate=form))


class Tower(nn.Module):
    """Tokens in, one projected vector out: the class token of an image, the last one of a text."""

    def __init__(self, options, image):
        super().__init__()
        width = options.width
        self.image, self.checkpoint = image, options.checkpoint
        if image:
            pixels = 3 * options.patch**2
            self.patches = (options.image // options.patch) ** 2
            self.tokens = self.patches + 1
            self.patch = nn.Linear(pixels, width, bias=False)
            self.class_token = nn.Parameter(torch.randn(width) * width**-0.5)
            if options.calibration != "none":
                self.robust_token = nn.Parameter(torch.randn(width) * width**-0.5)
            self.pre_norm = nn.LayerNorm(width)
        else:
            self.tokens = options.text_len
            self.embedding = nn.Embedding(options.vocab, width)
            nn.init.normal_(self.embedding.weight, std=0.02)
        self.positions = nn.Parameter(torch.randn(self.tokens, width) * 0.01)
        self.blocks = nn.ModuleList(
            Block(options, causal=not image) for _ in range(options.layers))
        self.norm = nn.LayerNorm(width)
        self.out = nn.Linear(width, options.embed, bias=False)

    def forward(self, x, lambdas=None, taps=()):
        """Unit vectors `[samples, embed]`, and the outputs of the blocks in `taps`.

        Images are patches `[samples, patches, pixels]`; texts are ids `[samples, tokens]`.
        """
        if self.image:
            x = self.patch(x)
            token = self.class_token.expand(len(x), 1, -1)
            if lambdas is not None:
                mix = lambdas[:, None, None]
                token = (1 - mix) * token + mix * self.robust_token
            x = self.pre_norm(torch.cat([token, x], 1) + self.positions)
        else:
            x = self.embedding(x) + self.positions
        kept = []
        for i, block in enumerate(self.blocks):
            x = checkpoint(block, x, use_reentrant=False) if self.checkpoint else block(x)
            if i in taps:
                kept.append(x)
        x = x[:, 0] if self.image else x[:, -1]
        return F.normalize(self.out(self.norm(x)), dim=-1), kept

    def matmul_flops(self, samples):
        """Forward only; a multiply-add counts 2."""
        tokens, width = self.tokens, self.norm.normalized_shape[0]
        ratio = self.blocks[0].fc1.out_features // width
        count = len(self.blocks) * (
            2 * tokens * width**2 * (4 + 2 * ratio) + 4 * tokens**2 * width)
        if self.image:
            count += 2 * self.patches * self.patch.in_features * width
        return samples * (count + 2 * width * self.out.out_features)
