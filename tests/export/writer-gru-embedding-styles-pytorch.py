"""A writer that was trained with Unrolled, rebuilt in PyTorch.

GRU, one layer of 8; embedding of 6; 2 styles.

The weights are read from writer-gru-embedding-styles.safetensors, which must lie in the same folder.
Install:  pip install torch safetensors numpy
Run:      python writer-gru-embedding-styles-pytorch.py "a beginning"
"""

import json
import math
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
STYLE = 16  # numbers of a style's vector

# Weights by name, and beside them the settings and the vocabularies.
with safe_open(Path(__file__).with_name("writer-gru-embedding-styles.safetensors"), framework="pt") as file:
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
        self.style = nn.Embedding(len(styles), STYLE)
        self.recurrent = nn.GRU(EMBEDDING + STYLE, HIDDEN, LAYERS, batch_first=True)
        self.output = nn.Linear(HIDDEN, len(tokens))

    def forward(self, ids, blend, state=None):
        """Reads token ids [batch, time] in mixed styles [batch, styles], from a state on, or from zeros.

        Returns the logits of each next token [batch, time, tokens], and the state behind the last."""
        style = (blend @ self.style.weight)[:, None].expand(-1, ids.shape[1], -1)  # [batch, time, style]
        vectors = torch.cat([self.embedding(ids), style], dim=-1)
        hidden, state = self.recurrent(vectors, state)
        return self.output(hidden), state


model = Writer()
model.embedding.load_state_dict({"weight": weight("embedding.weight")})
model.style.load_state_dict({"weight": weight("style.weight")})
model.recurrent.load_state_dict(stack("recurrent"))
model.output.load_state_dict(dense("output"))
model.eval()


@torch.no_grad()
def step(ids, blend, state=None):
    """Reads some tokens; returns the logits of the next one, and the state to go on from."""
    logits, state = model(torch.tensor([ids]), torch.tensor([blend]), state)
    return logits[0, -1].tolist(), state


def choose(logits):
    """The likeliest token."""
    return max(range(len(logits)), key=logits.__getitem__)


def write(beginning, count=300, blend=None):
    """Writes on from a beginning. `blend` says how much of each style, together 1; all of the first if it is None."""
    blend = blend or [1.0] + [0.0] * (len(styles) - 1)
    seed = tokenize(beginning)
    logits, state = step([START] + [token_ids.get(token, UNK) for token in seed], blend)
    written = []
    while len(written) < count:
        for token in (PAD, UNK, END):
            logits[token] = -math.inf  # never written
        written.append(choose(logits))
        logits, state = step(written[-1:], blend, state)
    return join(seed + ["\n\n" if token == START else tokens[token] for token in written])


if __name__ == "__main__":
    asked = " ".join(sys.argv[1:]) or input("A beginning: ")
    print(write(asked))
