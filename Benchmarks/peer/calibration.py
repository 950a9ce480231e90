"""One step's loss: plain, or LSA with in-situ trade-off calibration (Documentation/lsa-itc.md)."""
import torch
import torch.nn.functional as F

LAMBDAS = torch.tensor([0.1, 0.2, 0.3, 0.4, 1.0])  # the non-zero ones
EPSILON, ALPHA = 4 / 255, 2 / 255  # in normalised pixels
LOWEST, HIGHEST = -3.0, 3.0  # images are normal numbers
GAMMA = 0.1


def plain_loss(image, text, scale, images, texts, options, mark):
    z, _ = image(images)
    mark("forward_image")
    t, _ = text(texts)
    mark("forward_text")
    logits = scale.exp() * z.float() @ t.float().t()
    labels = torch.arange(len(z))
    loss = 0.5 * (F.cross_entropy(logits, labels) + F.cross_entropy(logits.t(), labels))
    mark("loss")
    return loss


def attack(image, texts, scale, images, lambdas, steps):
    """Attacked pixels: `steps` signed steps up the image-to-text loss, from a random start.

    Parameters are out of the graph, so a step keeps and computes only what the gradient of the
    pixels needs.
    """
    labels = torch.arange(len(images))
    texts = scale.detach().exp() * texts.detach().float()
    image.requires_grad_(False)
    delta = torch.empty_like(images).uniform_(-EPSILON, EPSILON)
    for _ in range(steps):
        x = (images + delta).requires_grad_(True)
        z, _ = image(x, lambdas)
        gain = F.cross_entropy(z.float() @ texts.t(), labels, reduction="sum")
        gradient, = torch.autograd.grad(gain, x)
        del z, gain
        delta.add_(gradient.sign_(), alpha=ALPHA).clamp_(-EPSILON, EPSILON)
        delta = delta.add_(images).clamp_(LOWEST, HIGHEST).sub_(images)
    image.requires_grad_(True)
    return images + delta


def lsa_itc_loss(image, text, scale, images, texts, options, mark):
    """Both branches live. Samples come in random order: the last ones are those without attack.

    The attack runs before the clean branch, so that its activations do not add to both branches'.
    The compared layers are fixed: their selection, every hundred steps in training, is not timed.
    """
    batch = len(images)
    attacked = batch - round(options.clean_share * batch)
    lambdas = torch.zeros(batch)
    lambdas[:attacked] = LAMBDAS[torch.randint(len(LAMBDAS), (attacked,))]
    mix = lambdas[:attacked]
    taps = range(options.layers - options.compared_layers, options.layers)
    t, _ = text(texts)
    mark("forward_text")
    x = attack(image, t, scale, images[:attacked], mix, options.attack_steps)
    mark("attack")
    z, clean_taps = image(images, lambdas, taps)
    mark("forward_image")
    z2, other_taps = image(x, mix, taps)
    mark("forward_adversarial")
    labels = torch.arange(batch)
    texts_scaled = scale.exp() * t.float()

    def symmetric(rows, columns):
        """Both directions' cross-entropy for every row's pair."""
        to_text = F.cross_entropy(
            rows.float() @ texts_scaled.t(), labels[:len(rows)], reduction="none")
        to_image = F.cross_entropy(
            texts_scaled[:len(rows)] @ columns.float().t(), labels[:len(rows)], reduction="none")
        return 0.5 * (to_text + to_image)

    clean = ((1 - lambdas) * symmetric(z, z)).sum()
    adversarial = (mix * symmetric(z2, torch.cat([z2, z[attacked:]]))).sum()
    loss = (clean + adversarial) / batch
    for a, b in zip(clean_taps, other_taps):
        a = a[:attacked].float().flatten(1)
        measure = (a - b.float().flatten(1)).norm(dim=1) / a.norm(dim=1)
        loss = loss + GAMMA / attacked * (mix * measure).sum()
    mark("loss")
    return loss


LOSSES = {"none": plain_loss, "lsa-itc": lsa_itc_loss}


def step_flops(image, text, batch, options):
    """Matrix products of one step; a backward counts twice its forward, an input-only one once."""
    forward = image.matmul_flops(batch) + text.matmul_flops(batch)
    passes = 4 if options.checkpoint else 3
    total = passes * (forward + 2 * batch**2 * options.embed)
    if options.calibration == "lsa-itc":
        attacked = batch - round(options.clean_share * batch)
        each = 3 if options.checkpoint else 2
        total += (passes + each * options.attack_steps) * image.matmul_flops(attacked)
        total += passes * 2 * batch**2 * options.embed  # adversarial logits, less than this
    return total
