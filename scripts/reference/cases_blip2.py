"""BLIP-2 stage 1: contrastive, matching and caption loss of the Q-Former, as LAVIS sums them."""
import math

import torch
import torch.nn.functional as F

from cases_clip import image_inputs, sums
from fixture import Case
from layers import Block, linear, norm, unit
from qformer import QFormer
from towers import VisionTower
from values import Parameters, bits

SMOOTHING = 0.1
PAD, CLASS = 0, 1


def padded_tokens(vocabulary, length, lengths):
    """The class token, words from 2 to vocabulary - 2, padding; the last id starts captions."""
    rows = []
    for sample, count in enumerate(lengths):
        words = [2 + bits("tokens", sample * length + i) % (vocabulary - 3) for i in range(length)]
        rows.append([CLASS] + words[1:count] + [PAD] * (length - count))
    return torch.tensor(rows)


def contrastive_loss(p, images, texts):
    """Best query of an image per text; returns both directions and the gap to the second best."""
    images, texts = unit(images), unit(texts)
    cosines = torch.einsum("iqd,td->itq", images, texts)
    best = cosines.topk(2, -1).values
    logits = p["loss.logit_scale"].exp() * best[..., 0]
    labels = torch.arange(len(logits))
    to_text = F.cross_entropy(logits, labels, label_smoothing=SMOOTHING)
    to_image = F.cross_entropy(logits.T, labels, label_smoothing=SMOOTHING)
    return to_text, to_image, (best[..., 0] - best[..., 1]).min()


def matching_loss(p, former, image, tokens, real, image_negatives, text_negatives, taps):
    """Pairs, then negative images with their texts, then images with their negative texts."""
    samples = len(tokens)
    images = torch.cat([image, image[image_negatives], image])
    ids = torch.cat([tokens, tokens, tokens[text_negatives]])
    keys = torch.cat([real, real, real[text_negatives]])
    mask = torch.cat([torch.ones(len(ids), former.queries, dtype=torch.bool), keys], 1)
    x, _ = former.forward(p, images, ids, mask[:, None], samples=len(ids), taps=taps)
    logits = linear(p, "qformer.head.matching_head", x[:, :former.queries]).mean(1)
    labels = torch.cat([torch.ones(samples), torch.zeros(2 * samples)]).long()
    return F.cross_entropy(logits, labels), logits


def caption_loss(p, former, tokens, real, cached, taps):
    """Every token from the queries and the tokens before it; padding is no label."""
    samples, length = tokens.shape
    ids = tokens.clone()
    ids[:, 0] = former.vocabulary - 1
    causal = torch.ones(length, length, dtype=torch.bool).tril()
    prefix = torch.ones(samples, length, former.queries, dtype=torch.bool)
    mask = torch.cat([prefix, causal & real[:, None]], -1)
    x, _ = former.forward(p, tokens=ids, mask=mask, cached=cached, taps=taps)
    logits = former.vocabulary_logits(p, x)[:, :-1].flatten(0, 1)
    labels = ids.masked_fill(ids == PAD, -100)[:, 1:].flatten()
    return F.cross_entropy(logits, labels, ignore_index=-100, label_smoothing=SMOOTHING)


def named(name, taps):
    return {f"{name}.{key}": x for key, x in sums(taps).items()}


def stage1(name, about, image, former, lengths, image_negatives, text_negatives, frozen):
    batch, length = len(lengths), max(lengths)
    pixels = image_inputs(image, batch)
    tokens = padded_tokens(former.vocabulary, length, lengths)
    real = torch.arange(length) < torch.tensor(lengths)[:, None]
    ps = Parameters()
    image.declare(ps)
    former.declare(ps)
    ps.add("loss.logit_scale", [1], 0.0, constant=math.log(1 / 0.07))
    if frozen:
        ps.freeze("image.")

    def loss(p, fixed):
        tower, queries, texts, pairs, captions = [], [], [], [], []
        seen = image.forward(p, pixels.to(p["loss.logit_scale"].dtype), tower)
        seen = norm(p, "qformer.token_norm.norm", seen)
        x, cached = former.forward(p, seen, samples=batch, taps=queries)
        image_features = linear(p, "qformer.head.image_projection", x)
        y, _ = former.forward(p, tokens=tokens, mask=real[:, None], taps=texts)
        text_features = linear(p, "qformer.head.text_projection", y[:, 0])
        to_text, to_image, gap = contrastive_loss(p, image_features, text_features)
        matching, logits = matching_loss(
            p, former, seen, tokens, real, image_negatives, text_negatives, pairs)
        caption = caption_loss(p, former, tokens, real, cached, captions)
        contrastive = (to_text + to_image) / 2
        return contrastive + matching + caption, {
            "contrastive": contrastive, "image_to_text": to_text, "text_to_image": to_image,
            "matching": matching, "caption": caption, "matching_logits": logits,
            "image_features": image_features, "text_features": text_features,
            "smallest_gap_of_best_query": gap,
            "segments": {
                **sums(tower), **named("queries", queries), **named("text", texts),
                **named("matching", pairs), **named("caption", captions),
            },
        }

    return Case(
        name=name, about=about,
        model={"family": "blip2-stage1", "image": image, "qformer": former},
        inputs={
            "batch": batch, "image_amplitude": 1.0, "image_shape": list(pixels.shape),
            "tokens": tokens, "text_lengths": lengths, "pad_token": PAD,
            "caption_token": former.vocabulary - 1, "image_negatives": image_negatives,
            "text_negatives": text_negatives, "label_smoothing": SMOOTHING,
        },
        parameters=ps, loss=loss)


def cases():
    block = Block(12, 2, 20, attention_bias="query-value")
    image = VisionTower(
        12, 4, block, 2, None, patch_bias=True, pre_norm=False, final_norm="none", pooling="none")
    former = QFormer(
        width=16, heads=2, mlp_width=24, layers=3, queries=3, vocabulary=36, positions=8,
        embedding_width=10, image_width=12)
    inputs = {
        "lengths": [6, 4, 5, 3], "image_negatives": [2, 0, 3, 1], "text_negatives": [1, 3, 0, 2]}
    yield stage1(
        "blip2-stage1", "The image tower is frozen.", image, former, frozen=True, **inputs)
    yield stage1(
        "blip2-stage1-trained-tower", "The image tower is trained too.", image, former,
        frozen=False, **inputs)
