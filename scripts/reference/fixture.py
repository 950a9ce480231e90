"""Runs a case: loss, gradients checked by central differences, AdamW steps, JSON."""
import dataclasses
import json
import math
import random
from typing import Callable

import torch

from layers import NORM_EPSILON, UNIT_EPSILON
from values import Parameters, bits, fnv1a64, value

OPTIMIZER = {
    "name": "adamw", "learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.98, "epsilon": 1e-4,
    "weight_decay": 0.2, "steps": 3,
}
# The rule's numbers for one name, so that the other side can test its own first.
RULE = {
    "name": "images", "fnv1a64": f"{fnv1a64('images'):016x}",
    "bits": [f"{bits('images', i):016x}" for i in range(3)],
    "values": [value("images", i, 1.0) for i in range(3)],
}
MARGIN = "smallest_gradient_by_root_mean_square"  # of an attack, over the optimizer's steps
DIFFERENCE = 1e-6  # half the distance of a central difference


@dataclasses.dataclass
class Case:
    """A model, its inputs, and the loss as a function of parameters.

    `prepare(p)` returns what a step fixes before it differentiates (attacked pixels); `loss(p,
    fixed)` returns the loss and a dictionary of further values; `report(fixed)` what to store.
    """
    name: str
    about: str
    model: dict
    inputs: dict
    parameters: Parameters
    loss: Callable
    prepare: Callable = lambda p: None
    report: Callable = lambda fixed: {}


def digits(x):
    """Nine significant digits; whole numbers stay whole."""
    if isinstance(x, torch.Tensor):
        x = x.detach().item()
    return x if isinstance(x, (bool, int)) else float(f"{x:.9g}")


def plain(x):
    """Tensors, dataclasses and numbers as JSON holds them."""
    if isinstance(x, torch.Tensor):
        return digits(x) if x.ndim == 0 else [plain(y) for y in x]
    if dataclasses.is_dataclass(x):
        return plain(dataclasses.asdict(x))
    if isinstance(x, dict):
        return {k: plain(v) for k, v in x.items()}
    if isinstance(x, (list, tuple)):
        return [plain(y) for y in x]
    return digits(x) if isinstance(x, float) else x


def checksum(x):
    """Sum, sum of squares, and up to eight entries spread evenly over the tensor."""
    flat = x.detach().flatten()
    count = len(flat)
    places = sorted({j * count // 8 for j in range(8)})
    return {
        "sum": digits(flat.sum()), "sum_of_squares": digits((flat * flat).sum()),
        "samples": [[i, digits(flat[i])] for i in places],
    }


def leaves(case, start, dtype=torch.float64):
    specs = case.parameters.specs
    return {
        n: t.detach().to(dtype).clone().requires_grad_(specs[n]["trainable"])
        for n, t in start.items()
    }


def differentiate(case, p):
    """Loss, values, what was fixed, and gradients by name (zero where the loss does not depend)."""
    fixed = case.prepare(p)
    loss, values = case.loss(p, fixed)
    names = [n for n, t in p.items() if t.requires_grad]
    gradients = torch.autograd.grad(loss, [p[n] for n in names], allow_unused=True)
    unused = [n for n, g in zip(names, gradients) if g is None]
    assert not unused, f"{case.name}: no gradient for {unused}"
    return loss.detach(), values, fixed, dict(zip(names, gradients))


def difference_error(case, p, fixed, gradients):
    """Worst error of checked entries against central differences, by the tensor's largest entry."""
    worst = 0.0
    chooser = random.Random(1)
    floor = 1e-3 * max(float(g.abs().max()) for g in gradients.values())
    with torch.no_grad():
        for name, gradient in gradients.items():
            flat, tensor = gradient.flatten(), p[name].view(-1)
            places = {int(flat.abs().argmax()), chooser.randrange(len(flat))}
            for i in places:
                kept = tensor[i].item()
                tensor[i] = kept + DIFFERENCE
                above = case.loss(p, fixed)[0]
                tensor[i] = kept - DIFFERENCE
                below = case.loss(p, fixed)[0]
                tensor[i] = kept
                slope = float(above - below) / (2 * DIFFERENCE)
                scale = max(float(flat.abs().max()), floor)
                worst = max(worst, abs(slope - float(flat[i])) / scale)
    return worst


def train(case, start, dtype=torch.float64):
    """Parameters after the optimizer's steps on the same batch; what each step saw before."""
    p = leaves(case, start, dtype)
    specs = case.parameters.specs
    trained = [n for n in p if p[n].requires_grad]
    groups = [
        {"params": [p[n] for n in trained if specs[n]["decay"] == decay],
         "weight_decay": OPTIMIZER["weight_decay"] if decay else 0.0}
        for decay in (True, False)
    ]
    optimizer = torch.optim.AdamW(
        groups, lr=OPTIMIZER["learning_rate"], eps=OPTIMIZER["epsilon"],
        betas=(OPTIMIZER["beta1"], OPTIMIZER["beta2"]), foreach=False)
    steps = []
    for _ in range(OPTIMIZER["steps"]):
        loss, _, fixed, gradients = differentiate(case, p)
        for name, gradient in gradients.items():
            p[name].grad = gradient
        optimizer.step()
        steps.append((loss, case.report(fixed)))
    return p, steps


def single_precision_error(case, start, gradients):
    """Worst gradient error of the same program in float32, by the tensor's largest entry."""
    _, _, _, rough = differentiate(case, leaves(case, start, torch.float32))
    floor = 1e-3 * max(float(g.abs().max()) for g in gradients.values())
    return max(
        float((rough[n].double() - g).abs().max()) / max(float(g.abs().max()), floor)
        for n, g in gradients.items())


def run(case):
    """The fixture as a dictionary, and a line of errors for the person who makes it."""
    start = case.parameters.tensors()
    p = leaves(case, start)
    loss, values, fixed, gradients = differentiate(case, p)
    by_difference = difference_error(case, p, fixed, gradients)
    assert by_difference < 1e-5, f"{case.name}: gradient off by {by_difference}"
    single = single_precision_error(case, start, gradients)
    after, steps = train(case, start)
    rough, _ = train(case, start, torch.float32)
    drift = max(float((rough[n].double() - after[n]).detach().abs().max()) for n in gradients)
    drift /= OPTIMIZER["learning_rate"]
    parameters = []
    for name, spec in case.parameters.specs.items():
        row = dict(spec)
        if spec["trainable"]:
            row["gradient"] = [digits(g) for g in gradients[name].flatten()]
            row["after"] = checksum(after[name])
        parameters.append(row)
    document = {
        "schema": "foretrain/reference-fixture/1", "case": case.name, "about": case.about,
        "rule": RULE,
        "model": plain(case.model),
        "epsilons": {"norm": NORM_EPSILON, "unit": UNIT_EPSILON},
        "inputs": plain(case.inputs), "fixed": plain(case.report(fixed)),
        "loss": digits(loss), "values": plain(values),
        "optimizer": OPTIMIZER, "losses_of_steps": [digits(loss) for loss, _ in steps],
        "errors": {"central_differences": float(f"{by_difference:.1e}"),
                   "float32_gradients": float(f"{single:.1e}"),
                   "float32_after_by_learning_rate": float(f"{drift:.1e}")},
        "parameters": parameters,
    }
    count = sum(math.prod(s["shape"]) for s in case.parameters.specs.values())
    line = (f"{case.name}: {count} parameters, loss {float(loss):.6f}, central differences "
            f"{by_difference:.1e}, float32 {single:.1e}, after {drift:.1e} lr")
    margins = [r[MARGIN] for _, r in steps if MARGIN in r]
    if margins:
        document["fixed"][MARGIN] = min(margins)
        line += f", margin {min(margins):.1e}"
    return document, line


def text(document):
    """JSON with one line per entry, and one per parameter."""
    lines = []
    for key, entry in document.items():
        if key == "parameters":
            rows = ",\n".join("  " + json.dumps(row, separators=(",", ":")) for row in entry)
            lines.append(f'"parameters": [\n{rows}\n]')
        else:
            lines.append(f"{json.dumps(key)}: {json.dumps(entry, separators=(', ', ': '))}")
    return "{\n" + ",\n".join(lines) + "\n}\n"
