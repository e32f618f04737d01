"""A writer that was trained with Unrolled, rebuilt in PyTorch.

GRU, one layer of 8; embedding of 6.

The weights are read from writer-gru-words-windows.safetensors, which must lie in the same folder.
Install:  pip install torch safetensors numpy
Run:      python writer-gru-words-windows-pytorch.py "a beginning"
"""

import bisect
import itertools
import json
import math
import random
import re
import sys
import unicodedata
from pathlib import Path

import torch
from safetensors import safe_open
from torch import nn

HIDDEN = 8  # numbers in a hidden state
LAYERS = 1
EMBEDDING = 6  # numbers of a token's vector
TEMPERATURE = 0.5  # low takes what is likely, high takes risks
TOP_P = 0.05  # draw from the likeliest with this probability together

# Weights by name, and beside them the settings and the vocabularies.
with safe_open(Path(__file__).with_name("writer-gru-words-windows.safetensors"), framework="pt") as file:
    header = json.loads(file.metadata()["unrolled"])
    weights = {name: file.get_tensor(name) for name in file.keys()}

PAD, UNK, START, END = range(4)  # every vocabulary begins with these
tokens = header["vocabularies"]["vocabulary"]  # the token of each id
token_ids = {token: id for id, token in enumerate(tokens)}
styles = header["vocabularies"]["styles"]


def tokenize(text):
    """Words, and every other symbol by itself."""
    return re.findall(r"[\w'’]+|[^\w\s]", unicodedata.normalize("NFC", text))


def join(tokens):
    """Words as a person would write them: no space in front of a comma, nor behind a bracket that opens."""
    text = " ".join(tokens)
    text = re.sub(r" *(\n+) *", r"\1", text)
    text = re.sub(r" ([,.!?;:)\]}»”%…])", r"\1", text)
    return re.sub(r"([(\[{¿¡«“„$£#]) ", r"\1", text)


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


class Writer(nn.Module):
    """Guesses each next token from all before it."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(len(tokens), EMBEDDING)
        self.recurrent = nn.GRU(EMBEDDING, HIDDEN, LAYERS, batch_first=True)
        self.output = nn.Linear(HIDDEN, len(tokens))

    def forward(self, ids, state=None):
        """Reads token ids [batch, time] from a state on, or from zeros.

        Returns the logits of each next token [batch, time, tokens], and the state behind the last."""
        hidden, state = self.recurrent(self.embedding(ids), state)
        return self.output(hidden), state


model = Writer()
model.embedding.load_state_dict({"weight": weight("embedding.weight")})
model.recurrent.load_state_dict(stack("recurrent"))
model.output.load_state_dict(dense("output"))
model.eval()


@torch.no_grad()
def step(ids, state=None):
    """Reads some tokens; returns the logits of the next one, and the state to go on from."""
    logits, state = model(torch.tensor([ids]), state)
    return logits[0, -1].tolist(), state


def choose(logits):
    """A token drawn at random, the likelier the oftener."""
    highest = max(logits)
    chances = [math.exp((logit - highest) / TEMPERATURE) for logit in logits]
    best = sorted(range(len(chances)), key=chances.__getitem__, reverse=True)
    sums = list(itertools.accumulate(chances[token] for token in best))
    best = best[: bisect.bisect_left(sums, TOP_P * sums[-1]) + 1]
    return random.choices(best, [chances[token] for token in best])[0]


def write(beginning, count=300):
    """Writes on from a beginning."""
    seed = tokenize(beginning)
    logits, state = step([token_ids.get(token, UNK) for token in seed] or [START])
    written = []
    while len(written) < count:
        for token in (PAD, UNK, START, END):
            logits[token] = -math.inf  # never written
        written.append(choose(logits))
        logits, state = step(written[-1:], state)
    return join(seed + [tokens[token] for token in written])


if __name__ == "__main__":
    asked = " ".join(sys.argv[1:]) or input("A beginning: ")
    print(write(asked))
