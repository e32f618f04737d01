"""A translator that was trained with Unrolled, rebuilt in PyTorch.

LSTM, 2 layers of 8; embedding of 6; no attention.

The weights are read from translator-lstm-characters.safetensors, which must lie in the same folder.
Install:  pip install torch safetensors numpy
Run:      python translator-lstm-characters-pytorch.py "a sentence"
"""

import json
import math
import sys
import unicodedata
from pathlib import Path

import torch
from safetensors import safe_open
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

HIDDEN = 8  # numbers in a hidden state
LAYERS = 2
EMBEDDING = 6  # numbers of a token's vector
LONGEST = 40  # tokens of an answer

# Weights by name, and beside them the settings and the vocabularies.
with safe_open(Path(__file__).with_name("translator-lstm-characters.safetensors"), framework="pt") as file:
    header = json.loads(file.metadata()["unrolled"])
    weights = {name: file.get_tensor(name) for name in file.keys()}

PAD, UNK, START, END = range(4)  # every vocabulary begins with these
source_tokens = header["vocabularies"]["source"]  # the token of each id
target_tokens = header["vocabularies"]["target"]
source_ids = {token: id for id, token in enumerate(source_tokens)}


def tokenize(text):
    """Every character is a token."""
    return list(unicodedata.normalize("NFC", text))


def join(tokens):
    return "".join(tokens)


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


class Translator(nn.Module):
    """One network reads a sentence into its state, and a second one writes from there, token by token."""

    def __init__(self):
        super().__init__()
        self.source_embedding = nn.Embedding(len(source_tokens), EMBEDDING)
        self.target_embedding = nn.Embedding(len(target_tokens), EMBEDDING)
        self.encoder = nn.LSTM(EMBEDDING, HIDDEN, LAYERS, batch_first=True)
        self.decoder = nn.LSTM(EMBEDDING, HIDDEN, LAYERS, batch_first=True)
        self.output = nn.Linear(HIDDEN, len(target_tokens))

    def encode(self, source):
        """Reads token ids [batch, source time], padded with PAD; returns each sentence's last state in all layers."""
        lengths = (source != PAD).sum(dim=1)
        vectors = self.source_embedding(source)
        _, last = self.encoder(pack_padded_sequence(vectors, lengths, batch_first=True, enforce_sorted=False))
        return last

    def decode(self, target, state):
        """Reads token ids [batch, time] from a state on; returns logits [batch, time, tokens] and the state after it."""
        hidden, state = self.decoder(self.target_embedding(target), state)
        return self.output(hidden), state

    def forward(self, source, target):
        logits, _ = self.decode(target, self.encode(source))
        return logits


model = Translator()
model.source_embedding.load_state_dict({"weight": weight("source_embedding.weight")})
model.target_embedding.load_state_dict({"weight": weight("target_embedding.weight")})
model.encoder.load_state_dict(stack("encoder"))
model.decoder.load_state_dict(stack("decoder"))
model.output.load_state_dict(dense("output"))
model.eval()


@torch.no_grad()
def start(ids):
    """Reads token ids; returns where the decoder begins."""
    source = torch.tensor([ids])
    return model.encode(source)


@torch.no_grad()
def step(token, state):
    """Reads one token; returns the logits of the next one, and where the decoder stands then."""
    logits, state = model.decode(torch.tensor([[token]]), state)
    return logits[0, -1].tolist(), state


def choose(logits):
    """The likeliest token."""
    return max(range(len(logits)), key=logits.__getitem__)


def translate(sentence):
    """The translation, token by token."""
    state = start([source_ids.get(token, UNK) for token in tokenize(sentence)] or [UNK])
    token, said = START, []
    while token != END and len(said) < LONGEST:
        logits, state = step(token, state)
        logits[PAD] = logits[START] = -math.inf  # never said
        token = choose(logits)
        said.append(target_tokens[token])
    return join(said[:-1] if token == END else said)


if __name__ == "__main__":
    asked = " ".join(sys.argv[1:]) or input("A sentence to translate: ")
    print(translate(asked))
