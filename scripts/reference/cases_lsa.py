"""LSA with in-situ trade-off calibration: clean and attacked branch, conditioned on lambda."""
import dataclasses

import torch

from cases_clip import image_inputs, sums, token_inputs, two_towers
from contrastive import cross_entropies
from fixture import MARGIN, Case, checksum
from layers import Block
from towers import TextTower, VisionTower
from values import values


@dataclasses.dataclass
class Calibration:
    """Attack and regulariser; pixels are in normalised units."""
    lambdas: list
    layers: list  # block indices whose outputs are compared
    gammas: list
    clean_share: float = 1 / 6
    attack_steps: int = 2
    epsilon: float = 4 / 255
    alpha: float = 2 / 255
    lowest_pixel: float = -2.0
    highest_pixel: float = 2.0
    # What of the clean branch the adversarial terms see without gradient.
    comparison_detached: bool = False
    columns_detached: bool = False


def attack(image, text, p, images, lambdas, attacked, settings, tokens, ends):
    """Pixels' perturbation after every step, and the smallest gradient that decided a sign."""
    p = {n: t.detach() for n, t in p.items()}
    texts = text.forward(p, tokens, ends, [])
    # The start is numbered over the whole batch, also where a sample is not attacked.
    delta = values("delta", images.shape, settings.epsilon).to(images.dtype)[attacked]
    clean, steps, margin = images[attacked], [], float("inf")
    for _ in range(settings.attack_steps):
        delta.requires_grad_(True)
        z = image.forward(p, clean + delta, [], lambdas[attacked])
        gain = cross_entropies(z, texts, p["loss.logit_scale"], attacked).sum()
        gradient, = torch.autograd.grad(gain, delta)
        margin = min(margin, float(gradient.abs().min() / gradient.square().mean().sqrt()))
        delta = delta.detach() + settings.alpha * gradient.sign()
        delta = delta.clamp(-settings.epsilon, settings.epsilon)
        delta = (clean + delta).clamp(settings.lowest_pixel, settings.highest_pixel) - clean
        steps.append(delta)
    return steps, margin


def comparison(clean, attacked):
    """CM per sample: `|clean - attacked|_F / |clean|_F` over tokens and channels."""
    return (clean - attacked).flatten(1).norm(dim=1) / clean.flatten(1).norm(dim=1)


def lsa_itc(name, about, image, text, settings, amplitude=1.0):
    batch = len(settings.lambdas)
    pixels, tokens = image_inputs(image, batch, amplitude), token_inputs(text, batch)
    ends = torch.full((batch,), text.tokens - 1)
    lambdas = torch.tensor(settings.lambdas, dtype=torch.float64)
    attacked = lambdas.nonzero().flatten()

    def prepare(p):
        dtype = p["loss.logit_scale"].dtype
        images = pixels.to(dtype)
        steps, margin = attack(
            image, text, p, images, lambdas, attacked, settings, tokens, ends)
        taps = []
        with torch.no_grad():
            z = image.forward(p, images, taps, lambdas)
        return {"steps": steps, "margin": margin, "taps": dict(taps), "z": z}

    def loss(p, fixed):
        scale = p["loss.logit_scale"]
        mix = lambdas.to(scale.dtype)
        images = pixels.to(scale.dtype)
        taps, other_taps = [], []
        t = text.forward(p, tokens, ends, taps)
        z = image.forward(p, images, taps, lambdas)
        other = image.forward(
            p, images[attacked] + fixed["steps"][-1], other_taps, lambdas[attacked])
        clean = (cross_entropies(z, t, scale) + cross_entropies(t, z, scale)) / 2
        columns = fixed["z"] if settings.columns_detached else z
        columns = columns.index_copy(0, attacked, other)
        to_text = cross_entropies(other, t, scale, attacked)
        to_image = cross_entropies(t, columns, scale)[attacked]
        adversarial = (to_text + to_image) / 2
        contrastive = ((1 - mix) * clean).sum() + (mix[attacked] * adversarial).sum()
        contrastive = contrastive / batch
        clean_taps = fixed["taps"] if settings.comparison_detached else dict(taps)
        measures, regulariser = [], 0.0
        rho = 1 - settings.clean_share
        for layer, gamma in zip(settings.layers, settings.gammas):
            at = f"image.blocks.{layer}"
            cm = comparison(clean_taps[at][attacked], dict(other_taps)[at])
            measures.append(cm)
            regulariser = regulariser + gamma / (rho * batch) * (mix[attacked] * cm).sum()
        return contrastive + regulariser, {
            "contrastive": contrastive, "regulariser": regulariser, "clean_losses": clean,
            "adversarial_losses": adversarial, "comparison_measures": measures,
            "segments": sums(taps),
            "attacked_segments": sums(other_taps),
        }

    def report(fixed):
        return {
            "attacked": attacked, "delta_after_steps": [checksum(d) for d in fixed["steps"]],
            "delta_shape": list(fixed["steps"][-1].shape),
            MARGIN: float(f"{fixed['margin']:.1e}"),
        }

    return Case(
        name=name, about=about,
        model={"family": "clip", "image": image, "text": text},
        inputs={
            "batch": batch, "image_amplitude": amplitude, "image_shape": list(pixels.shape),
            "tokens": tokens, "end_positions": ends, "calibration": settings,
        },
        parameters=two_towers(image, text), loss=loss, prepare=prepare, report=report)


def cases():
    image = VisionTower(12, 4, Block(16, 2, 30), 2, 10, conditioned=True)
    text = TextTower(6, 24, Block(12, 2, 20, causal=True), 1, 10)
    lambdas = [0.4, 0.0, 1.0, 0.1, 0.3, 0.2]

    def settings(**changes):
        return Calibration(lambdas=lambdas, **changes)

    yield lsa_itc(
        "lsa-itc-layer-0", "Both branches live; the first block's output is compared.",
        image, text, settings(layers=[0], gammas=[3.0]))
    yield lsa_itc(
        "lsa-itc-layer-1", "Both branches live; the second block's output is compared.",
        image, text, settings(layers=[1], gammas=[2.0]))
    yield lsa_itc(
        "lsa-itc-clipped", "Both blocks compared, images up to the pixel range, so that it clips.",
        image, text, settings(layers=[0, 1], gammas=[3.0, 2.0]), amplitude=2.0)
    yield lsa_itc(
        "lsa-itc-sequential", "The clean branch is detached in the comparison measure alone.",
        image, text,
        settings(layers=[0, 1], gammas=[3.0, 2.0], comparison_detached=True))
    yield lsa_itc(
        "lsa-itc-sequential-finished",
        "The clean branch is finished before the attack: its unattacked columns are detached too.",
        image, text,
        settings(
            layers=[0, 1], gammas=[3.0, 2.0], comparison_detached=True, columns_detached=True))
