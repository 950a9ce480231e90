"""SigLIP: attention-pooled images, last text token, pairwise sigmoid loss."""
import math

from cases_clip import image_inputs, sums, token_inputs
from contrastive import sigmoid_loss
from fixture import Case
from layers import Block
from towers import TextTower, VisionTower
from values import Parameters

import torch


def cases():
    image = VisionTower(
        12, 4, Block(16, 2, 24), 2, None, class_token=False, patch_bias=True, pre_norm=False,
        final_norm="tokens", pooling="attention", pooler_heads=2, pooler_mlp_width=24)
    text = TextTower(6, 24, Block(16, 2, 24), 1, 16, output_bias=True)
    batch = 5
    pixels, tokens = image_inputs(image, batch), token_inputs(text, batch)
    ends = torch.full((batch,), text.tokens - 1)
    ps = Parameters()
    image.declare(ps)
    text.declare(ps)
    ps.add("loss.logit_scale", [1], 0.0, constant=math.log(10))
    ps.add("loss.logit_bias", [1], 0.0, constant=-10.0)

    def loss(p, fixed):
        taps = []
        scale, bias = p["loss.logit_scale"], p["loss.logit_bias"]
        z = image.forward(p, pixels.to(scale.dtype), taps)
        t = text.forward(p, tokens, ends, taps)
        return sigmoid_loss(z, t, scale, bias), {
            "image_features": z, "text_features": t, "segments": sums(taps)}

    yield Case(
        name="siglip-small", about="Attention pooling with one query and an MLP; text attends both ways.",
        model={"family": "siglip", "image": image, "text": text},
        inputs={
            "batch": batch, "image_amplitude": 1.0, "image_shape": list(pixels.shape),
            "tokens": tokens, "end_positions": ends,
        },
        parameters=ps, loss=loss)
