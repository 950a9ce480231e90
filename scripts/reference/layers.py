"""Layers as functions of a dictionary of tensors; weights are [in, out], `y = x W + b`."""
import dataclasses

import torch
import torch.nn.functional as F

NORM_EPSILON = 1e-5
UNIT_EPSILON = 1e-12


@dataclasses.dataclass
class Rotary:
    """EVA's axial rotary embedding: rows turn the first half of a head, columns the second."""
    grid: int  # patches along one side
    pretrained_grid: int  # EVA's pt_seq_len: positions are stretched onto this many
    theta: float = 10000.0
    class_token: bool = True  # the first token is the class token, which does not turn

    def table(self, head_width):
        """Angles `[tokens, head_width]`; channels 2i and 2i + 1 turn together."""
        half = head_width // 2
        frequencies = self.theta ** (-torch.arange(0, half, 2, dtype=torch.float64) / half)
        steps = torch.arange(self.grid, dtype=torch.float64) / self.grid * self.pretrained_grid
        angles = (steps[:, None] * frequencies).repeat_interleave(2, dim=1)  # [grid, half]
        rows = angles[:, None, :].expand(self.grid, self.grid, half)
        columns = angles[None, :, :].expand(self.grid, self.grid, half)
        table = torch.cat([rows, columns], -1).reshape(self.grid**2, head_width)
        if self.class_token:
            table = torch.cat([torch.zeros(1, head_width, dtype=torch.float64), table])
        return table


@dataclasses.dataclass
class Block:
    """One transformer block of an image or text tower."""
    width: int
    heads: int
    mlp_width: int
    mlp: str = "gelu"  # gelu (exact, with erf) | swiglu
    attention_bias: str = "all"  # all | query-value
    norm_position: str = "pre"  # pre: x + f(norm(x)) | post: x + norm(f(x)), as EVA-02-CLIP-E
    sub_norms: bool = False  # LayerNorm after attention and on the hidden units
    causal: bool = False
    rotary: Rotary | None = None

    def declare(self, ps, prefix):
        gated = self.mlp == "swiglu"
        ps.norm(prefix + "attention_norm", self.width)
        ps.linear(
            prefix + "qkv", self.width, 3 * self.width,
            bias_width=(3 if self.attention_bias == "all" else 2) * self.width)
        if self.sub_norms:
            ps.norm(prefix + "attention_sub-norm", self.width)
        ps.linear(prefix + "proj", self.width, self.width)
        ps.norm(prefix + "mlp_norm", self.width)
        ps.linear(prefix + "fc1", self.width, (2 if gated else 1) * self.mlp_width)
        if self.sub_norms:
            ps.norm(prefix + "mlp_sub-norm", self.mlp_width)
        ps.linear(prefix + "fc2", self.mlp_width, self.width)

    def forward(self, p, prefix, x):
        x = x + self.branch(p, prefix, "attention_norm", self.attention, x)
        return x + self.branch(p, prefix, "mlp_norm", self.feed_forward, x)

    def branch(self, p, prefix, name, body, x):
        if self.norm_position == "post":
            return norm(p, prefix + name, body(p, prefix, x))
        return body(p, prefix, norm(p, prefix + name, x))

    def feed_forward(self, p, prefix, x):
        hidden = linear(p, prefix + "fc1", x)
        if self.mlp == "swiglu":
            gate, up = hidden.chunk(2, -1)
            hidden = F.silu(gate) * up
        else:
            hidden = F.gelu(hidden)
        if self.sub_norms:
            hidden = norm(p, prefix + "mlp_sub-norm", hidden)
        return linear(p, prefix + "fc2", hidden)

    def attention(self, p, prefix, x):
        y = x @ p[prefix + "qkv.weight"]
        bias = p[prefix + "qkv.bias"]
        if self.attention_bias == "query-value":  # query's, then value's; keys have none
            query, value = bias.chunk(2)
            bias = torch.cat([query, torch.zeros_like(query), value])
        q, k, v = (y + bias).chunk(3, -1)
        angles = self.rotary.table(self.width // self.heads).to(x.dtype) if self.rotary else None
        y = attention(q, k, v, self.heads, causal=self.causal, angles=angles)
        if self.sub_norms:
            y = norm(p, prefix + "attention_sub-norm", y)
        return linear(p, prefix + "proj", y)


def linear(p, name, x):
    y = x @ p[name + ".weight"]
    return y + p[name + ".bias"] if name + ".bias" in p else y


def norm(p, name, x):
    gain, bias = p[name + ".affine"].chunk(2)
    return F.layer_norm(x, (x.shape[-1],), gain, bias, NORM_EPSILON)


def unit(x):
    """Rows of length one."""
    return F.normalize(x, dim=-1, eps=UNIT_EPSILON)


def split_heads(x, heads):
    samples, tokens, width = x.shape
    return x.reshape(samples, tokens, heads, width // heads).transpose(1, 2)


def attention(q, k, v, heads, causal=False, mask=None, angles=None):
    """Softmax attention of `[samples, tokens, width]`; `mask` is true where a key may be read."""
    q, k, v = (split_heads(x, heads) for x in (q, k, v))
    if angles is not None:
        q, k = turn(q, angles), turn(k, angles)
    y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, is_causal=causal)
    return y.transpose(1, 2).flatten(2)


def turn(x, angles):
    """`x cos + rotated(x) sin` with rotated pairs `(a, b) -> (-b, a)`."""
    a, b = x[..., 0::2], x[..., 1::2]
    rotated = torch.stack([-b, a], -1).flatten(-2)
    return x * angles.cos() + rotated * angles.sin()
