"""Contrastive losses over one batch of pairs."""
import torch
import torch.nn.functional as F

from layers import unit


def cross_entropies(rows, columns, scale, labels=None):
    """One value per row: cross-entropy of `exp(scale) unit(rows) unit(columns)^T` at its label.

    Without labels, at the diagonal.
    """
    logits = scale.exp() * unit(rows) @ unit(columns).T
    labels = torch.arange(len(logits)) if labels is None else labels
    return F.cross_entropy(logits, labels, reduction="none")


def info_nce(images, texts, scale):
    """Mean loss of image to text and of text to image; the loss is the mean of the two."""
    to_text = cross_entropies(images, texts, scale).mean()
    to_image = cross_entropies(texts, images, scale).mean()
    return (to_text + to_image) / 2, {"image_to_text": to_text, "text_to_image": to_image}


def sigmoid_loss(images, texts, scale, bias):
    """`-1/N sum_ij log sigmoid(y_ij (exp(scale) cos_ij + bias))`, y = 1 for pairs, -1 elsewhere."""
    logits = scale.exp() * unit(images) @ unit(texts).T + bias
    signs = 2 * torch.eye(len(logits), dtype=logits.dtype) - 1
    return -F.logsigmoid(signs * logits).sum() / len(logits)
