"""A classifier of texts that was trained with Unrolled, rebuilt in PyTorch.

GRU, 2 layers of 8; embedding of 6; verdict from the mean of the states.

The weights are read from classifier-gru-mean.safetensors, which must lie in the same folder.
Install:  pip install torch safetensors numpy
Run:      python classifier-gru-mean-pytorch.py "a text"
"""

import json
import re
import sys
import unicodedata
from pathlib import Path

import torch
from safetensors import safe_open
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

HIDDEN = 8  # numbers in a hidden state
LAYERS = 2
EMBEDDING = 6  # numbers of a token's vector
CUT = 4  # tokens of a text that are read

# Weights by name, and beside them the settings and the vocabularies.
with safe_open(Path(__file__).with_name("classifier-gru-mean.safetensors"), framework="pt") as file:
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


def gates(columns):
    """Unrolled's gates z, r, h in PyTorch's order r, z, n: [..., 3 * hidden]."""
    z, r, h = columns.chunk(3, dim=-1)
    return torch.cat([r, z, h], dim=-1)


def stack(name):
    """Recurrent layers. Unrolled has [input, 3 * hidden], PyTorch [3 * hidden, input], and both two biases."""
    state = {}
    for layer in range(LAYERS):
        path = f"{name}.layers.{layer}"
        bias = weight(f"{path}.bias")  # [2, 3 * hidden]: of the input, of the hidden state
        state[f"weight_ih_l{layer}"] = gates(weight(f"{path}.input")).T
        state[f"weight_hh_l{layer}"] = gates(weight(f"{path}.recurrent")).T
        state[f"bias_ih_l{layer}"] = gates(bias[0])
        state[f"bias_hh_l{layer}"] = gates(bias[1])
    return state


def dense(name):
    """A dense layer: [input, output] in Unrolled, [output, input] in PyTorch."""
    return {"weight": weight(f"{name}.weight").T, "bias": weight(f"{name}.bias")}


class Classifier(nn.Module):
    """Reads a text, and gives it a class by the mean of its states."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(len(tokens), EMBEDDING)
        self.recurrent = nn.GRU(EMBEDDING, HIDDEN, LAYERS, batch_first=True)
        self.output = nn.Linear(HIDDEN, len(classes))

    def forward(self, ids):
        """Token ids [batch, time], padded with PAD, to logits [batch, classes]."""
        lengths = (ids != PAD).sum(dim=1)
        packed = pack_padded_sequence(self.embedding(ids), lengths, batch_first=True, enforce_sorted=False)
        states, _ = self.recurrent(packed)
        states, _ = pad_packed_sequence(states, batch_first=True)  # [batch, time, hidden], zero behind a text's end
        return self.output(states.sum(dim=1) / lengths[:, None])


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
    ids = [token_ids.get(token, UNK) for token in tokenize(text)[:CUT]]
    return dict(zip(classes, probabilities(ids or [UNK])))


if __name__ == "__main__":
    asked = " ".join(sys.argv[1:]) or input("A text: ")
    print(classify(asked))
