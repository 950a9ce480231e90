"""BLIP-2's Q-Former: BERT blocks over queries, text or both, with shared self-attention."""
import dataclasses

import torch
import torch.nn.functional as F

from layers import attention, linear, norm


@dataclasses.dataclass
class QFormer:
    """Blocks are `norm(x + f(x))`; every second one, from the first, attends to the image."""
    width: int
    heads: int
    mlp_width: int
    layers: int
    queries: int
    vocabulary: int
    positions: int
    embedding_width: int
    image_width: int

    def crosses(self, i):
        return i % 2 == 0

    def declare(self, ps):
        width = self.width
        ps.norm("qformer.token_norm.norm", self.image_width)
        ps.add("qformer.embedding.queries", [self.queries, width], 0.5)
        ps.add("qformer.embedding.token_embedding", [self.vocabulary, width], 0.5)
        ps.add("qformer.embedding.positions", [self.positions, width], 0.2)
        ps.norm("qformer.embedding.embedding_norm", width)
        for i in range(self.layers):
            at = f"qformer.blocks.{i}."
            ps.linear(at + "qkv", width, 3 * width)
            ps.linear(at + "proj", width, width)
            ps.norm(at + "attention_norm", width)
            if self.crosses(i):
                ps.linear(at + "cross_q", width, width)
                ps.linear(at + "cross_kv", self.image_width, 2 * width)
                ps.linear(at + "cross_proj", width, width)
                ps.norm(at + "cross_norm", width)
            for kind in ("query", "text"):
                ps.linear(at + f"{kind}_mlp_fc1", width, self.mlp_width)
                ps.linear(at + f"{kind}_mlp_fc2", self.mlp_width, width)
                ps.norm(at + f"{kind}_mlp_norm", width)
        ps.linear("qformer.head.image_projection", width, self.embedding_width)
        ps.linear("qformer.head.text_projection", width, self.embedding_width)
        ps.linear("qformer.head.matching_head", width, 2)
        ps.linear("qformer.head.transform", width, width)
        ps.norm("qformer.head.transform_norm", width)
        ps.add("qformer.head.vocabulary_bias", [self.vocabulary], 0.1)

    def forward(self, p, image=None, tokens=None, mask=None, cached=None, samples=0, taps=None):
        """Queries where there is an image, then text where there are tokens.

        `mask [samples, rows or 1, keys]` is true where a key may be read; `cached` is a list of
        every block's keys and values of the queries, read before the text's own. Returns the rows
        and every block's keys and values.
        """
        parts = []
        if image is not None:
            parts.append(p["qformer.embedding.queries"].expand(samples, -1, -1))
        if tokens is not None:
            positions = p["qformer.embedding.positions"][:tokens.shape[1]]
            parts.append(p["qformer.embedding.token_embedding"][tokens] + positions)
        x = norm(p, "qformer.embedding.embedding_norm", torch.cat(parts, 1))
        taps = [] if taps is None else taps
        taps.append(("embedding", x))
        kept = []
        for i in range(self.layers):
            x, keys, values = self.block(
                p, i, x, image, mask, cached[i] if cached else None)
            kept.append((keys, values))
            taps.append((f"blocks.{i}", x))
        return x, kept

    def block(self, p, i, x, image, mask, cached):
        at = f"qformer.blocks.{i}."
        q, keys, values = linear(p, at + "qkv", x).chunk(3, -1)
        k, v = keys, values
        if cached:
            k, v = torch.cat([cached[0], k], 1), torch.cat([cached[1], v], 1)
        y = attention(q, k, v, self.heads, mask=None if mask is None else mask[:, None])
        x = norm(p, at + "attention_norm", x + linear(p, at + "proj", y))
        split = self.queries if image is not None else 0
        queries, text = x[:, :split], x[:, split:]
        if split and self.crosses(i):
            k, v = linear(p, at + "cross_kv", image).chunk(2, -1)
            y = attention(linear(p, at + "cross_q", queries), k, v, self.heads)
            queries = norm(p, at + "cross_norm", queries + linear(p, at + "cross_proj", y))
        if split:
            queries = self.feed_forward(p, at + "query_mlp_", queries)
        if text.shape[1]:
            text = self.feed_forward(p, at + "text_mlp_", text)
        return torch.cat([queries, text], 1), keys, values

    def feed_forward(self, p, at, x):
        return norm(p, at + "norm", x + linear(p, at + "fc2", F.gelu(linear(p, at + "fc1", x))))

    def vocabulary_logits(self, p, x):
        """BERT's masked-word head; the matrix is the token embedding."""
        x = norm(p, "qformer.head.transform_norm", F.gelu(linear(p, "qformer.head.transform", x)))
        table = p["qformer.embedding.token_embedding"]
        return x @ table.T + p["qformer.head.vocabulary_bias"]
