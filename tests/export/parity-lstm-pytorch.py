"""A network for the parity of bits that was trained with Unrolled, rebuilt in PyTorch.

LSTM, 3 layers of 8.

The weights are read from parity-lstm.safetensors, which must lie in the same folder.
Install:  pip install torch safetensors numpy
Run:      python parity-lstm-pytorch.py 1011001
"""

import json
import sys
from pathlib import Path

import torch
from safetensors import safe_open
from torch import nn

HIDDEN = 8  # numbers in a hidden state
LAYERS = 3

# Weights by name, and beside them the settings and the vocabularies.
with safe_open(Path(__file__).with_name("parity-lstm.safetensors"), framework="pt") as file:
    header = json.loads(file.metadata()["unrolled"])
    weights = {name: file.get_tensor(name) for name in file.keys()}

CLASSES = 2  # even, odd


def weight(name):
    return weights[f"model.{name}"]


def stack(name):
    """Recurrent layers. Unrolled has [input, 4 * hidden], PyTorch [4 * hidden, input], gates i, f, g, o in both.
    PyTorch adds up two biases, of which one stays zero here."""
    state = {}
    for layer in range(LAYERS):
        path = f"{name}.layers.{layer}"
        bias = weight(f"{path}.bias")  # [4 * hidden]
        state[f"weight_ih_l{layer}"] = weight(f"{path}.input").T
        state[f"weight_hh_l{layer}"] = weight(f"{path}.recurrent").T
        state[f"bias_ih_l{layer}"] = bias
        state[f"bias_hh_l{layer}"] = torch.zeros_like(bias)
    return state


def dense(name):
    """A dense layer: [input, output] in Unrolled, [output, input] in PyTorch."""
    return {"weight": weight(f"{name}.weight").T, "bias": weight(f"{name}.bias")}


class Parity(nn.Module):
    """Reads bit by bit, and says after each what it knows."""

    def __init__(self):
        super().__init__()
        self.recurrent = nn.LSTM(1, HIDDEN, LAYERS, batch_first=True)
        self.output = nn.Linear(HIDDEN, CLASSES)

    def forward(self, bits):
        """Bits [batch, time, 1], -1 for a zero and 1 for a one, to logits [batch, time, classes]."""
        hidden, _ = self.recurrent(bits)
        return self.output(hidden)


model = Parity()
model.recurrent.load_state_dict(stack("recurrent"))
model.output.load_state_dict(dense("output"))
model.eval()


@torch.no_grad()
def read(bits):
    """A string of 0 and 1; the logits after every bit."""
    return model(torch.tensor([[[1.0 if bit == "1" else -1.0] for bit in bits]]))[0].tolist()


def parity(bits):
    """Whether the number of ones in a string of bits is even or odd."""
    even, odd = read(bits)[-1]  # after the last bit
    return "odd" if odd > even else "even"


if __name__ == "__main__":
    asked = " ".join(sys.argv[1:]) or input("Bits: ")
    print(parity(asked))
