"""A classifier of texts that was trained with Unrolled, rebuilt in PyTorch.

LSTM, one layer of 8; embedding of 6; verdict from the last of the states.

The weights are read from classifier-lstm-last.safetensors, which must lie in the same folder.
Install:  pip install torch safetensors numpy
Run:      python classifier-lstm-last-pytorch.py "a text"
"""

import json
import re
import sys
import unicodedata
from pathlib import Path

import torch
from safetensors import safe_open
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

HIDDEN = 8  # numbers in a hidden state
LAYERS = 1
EMBEDDING = 6  # numbers of a token's vector
CUT = 80  # tokens of a text that are read

# Weights by name, and beside them the settings and the vocabularies.
with safe_open(Path(__file__).with_name("classifier-lstm-last.safetensors"), framework="pt") as file:
    header = json.loads(file.metadata()["unrolled"])
    weights = {name: file.get_tensor(name) for name in file.keys()}

PAD, UNK, START, END = range(4)  # every vocabulary begins with these
tokens = header["vocabularies"]["vocabulary"]  # the token of each id
token_ids = {token: id for id, token in enumerate(tokens)}
classes = header["vocabularies"]["classes"]


def tokenize(text):
    """Words, and every other symbol by itself."""
    return re.findall(r"[\w'’]+|[^\w\s]", unicodedata.normalize("NFC", text.lower()))


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


class Classifier(nn.Module):
    """Reads a text, and gives it a class by its last state."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(len(tokens), EMBEDDING)
        self.recurrent = nn.LSTM(EMBEDDING, HIDDEN, LAYERS, batch_first=True)
        self.output = nn.Linear(HIDDEN, len(classes))

    def forward(self, ids):
        """Token ids [batch, time], padded with PAD, to logits [batch, classes]."""
        lengths = (ids != PAD).sum(dim=1)
        packed = pack_padded_sequence(self.embedding(ids), lengths, batch_first=True, enforce_sorted=False)
        _, (last, _) = self.recurrent(packed)  # [layers, batch, hidden]
        return self.output(last[-1])


model = Classifier()
model.embedding.load_state_dict({"weight": weight("embedding.weight")})
model.recurrent.load_state_dict(stack("recurrent"))
model.output.load_state_dict(dense("output"))
model.eval()


@torch.no_grad()
def probabilities(ids):
    return model(torch.tensor([ids]))[0].softmax(dim=0).tolist()


def classify(text):
    """The probability of each class."""
    ids = [token_ids.get(token, UNK) for token in tokenize(text)[-CUT:]]
    return dict(zip(classes, probabilities(ids or [UNK])))


if __name__ == "__main__":
    asked = " ".join(sys.argv[1:]) or input("A text: ")
    print(classify(asked))
