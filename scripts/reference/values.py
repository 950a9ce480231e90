"""Numbers that both sides make by the same rule, so that fixtures need not store them."""
import math

import torch

MASK = (1 << 64) - 1
GAMMA = 0x9E3779B97F4A7C15


def fnv1a64(name):
    """FNV-1a over the bytes of the name in UTF-8."""
    state = 0xCBF29CE484222325
    for byte in name.encode("utf-8"):
        state = ((state ^ byte) * 0x100000001B3) & MASK
    return state


def splitmix64(state):
    """The first output of SplitMix64 from a state: the increment, then the mixer."""
    z = (state + GAMMA) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def bits(name, index):
    """Output number `index`, from 0, of a SplitMix64 generator seeded with the name's hash."""
    return splitmix64((fnv1a64(name) + index * GAMMA) & MASK)


def value(name, index, amplitude):
    """Uniform in [-amplitude, amplitude), a multiple of amplitude / 2^23."""
    return ((bits(name, index) >> 40) / 2**24 - 0.5) * 2 * amplitude


def values(name, shape, amplitude):
    """A float64 tensor of values, row-major, each rounded to float32 as the other side holds it."""
    flat = [value(name, i, amplitude) for i in range(math.prod(shape))]
    return torch.tensor(flat, dtype=torch.float64).float().double().reshape(shape)


class Parameters:
    """Trainable tensors by name, with what another implementation needs to make them."""

    def __init__(self):
        self.specs = {}

    def add(self, name, shape, amplitude, ones=0, constant=0.0, trainable=True):
        """Element i starts at `constant + (1 if i < ones else 0) + value(name, i)`.

        Weight decay acts on tensors of two dimensions: matrices, tables, positions.
        """
        assert name not in self.specs, name
        self.specs[name] = {
            "name": name, "shape": list(shape), "amplitude": amplitude, "ones": ones,
            "constant": constant, "decay": len(shape) > 1, "trainable": trainable,
        }

    def linear(self, name, inputs, outputs, bias=True, bias_width=None):
        """`<name>.weight [inputs, outputs]` and, if wanted, `<name>.bias`."""
        self.add(name + ".weight", [inputs, outputs], round(1.5 / math.sqrt(inputs), 3))
        if bias:
            self.add(name + ".bias", [bias_width or outputs], 0.1)

    def norm(self, name, width):
        """`<name>.affine [2 width]`: gains around one, then biases."""
        self.add(name + ".affine", [2 * width], 0.2, ones=width)

    def freeze(self, prefix):
        """Takes the tensors whose names start with `prefix` out of training."""
        for spec in self.specs.values():
            if spec["name"].startswith(prefix):
                spec["trainable"] = False

    def tensors(self):
        """The initial values, float64 tensors that hold float32 numbers."""
        result = {}
        for spec in self.specs.values():
            count = math.prod(spec["shape"])
            flat = [
                spec["constant"] + (1 if i < spec["ones"] else 0)
                + value(spec["name"], i, spec["amplitude"]) for i in range(count)
            ]
            tensor = torch.tensor(flat, dtype=torch.float64).float().double()
            result[spec["name"]] = tensor.reshape(spec["shape"])
        return result
