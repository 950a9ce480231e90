"""CLIP: two towers, symmetric contrastive loss with a learned scale."""
import math

import torch

from contrastive import info_nce
from fixture import Case, checksum
from layers import Block, Rotary
from towers import TextTower, VisionTower
from values import Parameters, bits, values


def image_inputs(image, batch, amplitude=1.0):
    return values("images", [batch, image.patches, image.pixels], amplitude)


def token_inputs(text, batch):
    ids = [bits("tokens", i) % text.vocabulary for i in range(batch * text.tokens)]
    return torch.tensor(ids).reshape(batch, text.tokens)


def sums(taps):
    """Checksums of what each segment gives on."""
    return {name: checksum(x) for name, x in taps}


def two_towers(image, text):
    ps = Parameters()
    image.declare(ps)
    text.declare(ps)
    ps.add("loss.logit_scale", [1], 0.0, constant=math.log(1 / 0.07))
    return ps


def rotary_tables(image):
    """Cosine and sine per token and channel of a head."""
    angles = image.block.rotary.table(image.block.width // image.block.heads)
    return {"cosine": angles.cos(), "sine": angles.sin()}


def clip(name, about, image, text, batch, ends):
    images, tokens = image_inputs(image, batch), token_inputs(text, batch)
    picked = torch.tensor(ends)

    def loss(p, fixed):
        taps = []
        dtype = p["loss.logit_scale"].dtype
        z = image.forward(p, images.to(dtype), taps)
        t = text.forward(p, tokens, picked, taps)
        total, parts = info_nce(z, t, p["loss.logit_scale"])
        return total, {**parts, "image_features": z, "text_features": t, "segments": sums(taps)}

    rotary = {"rotary": rotary_tables(image)} if image.block.rotary else {}
    return Case(
        name=name, about=about, model={"family": "clip", "image": image, "text": text},
        inputs={
            "batch": batch, "image_amplitude": 1.0, "image_shape": list(images.shape),
            "tokens": tokens, "end_positions": ends, **rotary,
        },
        parameters=two_towers(image, text), loss=loss)


def cases():
    yield from plain_cases()
    yield from eva_cases()


def eva_cases():
    def block(**changes):
        return Block(16, 2, 20, attention_bias="query-value", **changes)

    text = TextTower(6, 24, Block(12, 2, 20, causal=True), 1, 10)
    turned = {"mlp": "swiglu", "sub_norms": True}
    yield clip(
        "clip-swiglu-eva", "EVA-02: SwiGLU, sub-LN, no key bias, rotary; positions stretched.",
        VisionTower(
            12, 4, block(rotary=Rotary(grid=3, pretrained_grid=4), **turned), 2, 10,
            patch_bias=True, pre_norm=False, final_norm="tokens", output_bias=True),
        text, batch=4, ends=[5, 5, 5, 5])
    yield clip(
        "clip-swiglu-eva-mean", "The same without a class token; the mean over patches, then norm.",
        VisionTower(
            16, 4, block(rotary=Rotary(grid=4, pretrained_grid=4, class_token=False), **turned),
            1, 10, class_token=False, patch_bias=True, pre_norm=False, pooling="mean",
            output_bias=True),
        text, batch=3, ends=[5, 5, 5])
    yield clip(
        "clip-post-norm", "EVA-02-CLIP-E: norms behind the branches, GELU, no key bias.",
        VisionTower(
            12, 4, block(norm_position="post"), 2, 10, patch_bias=True, pre_norm=False,
            final_norm="tokens", output_bias=True),
        text, batch=4, ends=[5, 5, 5, 5])


def plain_cases():
    text = TextTower(8, 32, Block(16, 2, 32, causal=True), 2, 12)
    yield clip(
        "clip-gelu", "Class token, pre-norm, exact GELU; the last token of a text is its end.",
        VisionTower(16, 4, Block(24, 3, 40), 2, 12), text, batch=4, ends=[7, 7, 7, 7])
    yield clip(
        "clip-gelu-odd", "Odd widths, odd batch; texts end at different positions.",
        VisionTower(12, 4, Block(15, 3, 31), 2, 9),
        TextTower(7, 29, Block(14, 2, 25, causal=True), 1, 9), batch=5, ends=[6, 3, 0, 5, 2])
