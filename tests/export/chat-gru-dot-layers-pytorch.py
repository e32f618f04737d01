"""A chat network that was trained with Unrolled, rebuilt in PyTorch.

GRU, 3 layers of 8; embedding of 6; dot attention.

The weights are read from chat-gru-dot-layers.safetensors, which must lie in the same folder.
Install:  pip install torch safetensors numpy
Run:      python chat-gru-dot-layers-pytorch.py "a message"
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
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

HIDDEN = 8  # numbers in a hidden state
LAYERS = 3
EMBEDDING = 6  # numbers of a token's vector
LONGEST = 30  # tokens of an answer
TEMPERATURE = 0.8  # low takes what is likely, high takes risks
TOP_K = 1  # tokens to draw from
FIRST_TOP_K = 1  # at first
TOP_P = 0.9  # draw from the likeliest with this probability together

# Weights by name, and beside them the settings and the vocabularies.
with safe_open(Path(__file__).with_name("chat-gru-dot-layers.safetensors"), framework="pt") as file:
    header = json.loads(file.metadata()["unrolled"])
    weights = {name: file.get_tensor(name) for name in file.keys()}

PAD, UNK, START, END = range(4)  # every vocabulary begins with these
tokens = header["vocabularies"]["vocabulary"]  # the token of each id
token_ids = {token: id for id, token in enumerate(tokens)}


def tokenize(text):
    """Words, and every other symbol by itself."""
    text = re.sub(r"\S*://\S*|\bwww\.\S*", "", text)  # no links
    return re.findall(r"[\w'’]+|[^\w\s]", unicodedata.normalize("NFC", text))


def join(tokens):
    """Words as a person would write them: no space in front of a comma, nor behind a bracket that opens."""
    text = " ".join(tokens)
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


class Chat(nn.Module):
    """One network reads a sentence into its state, and a second one writes from there, token by token."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(len(tokens), EMBEDDING)  # of questions and of replies
        self.encoder = nn.GRU(EMBEDDING, HIDDEN, LAYERS, batch_first=True)
        self.decoder = nn.GRU(EMBEDDING, HIDDEN, LAYERS, batch_first=True)
        self.combine = nn.Linear(2 * HIDDEN, HIDDEN)
        self.output = nn.Linear(HIDDEN, len(tokens))

    def encode(self, source):
        """Reads token ids [batch, source time], padded with PAD.

        Returns the hidden states [batch, source time, hidden], and the last of each sentence's in all layers."""
        lengths = (source != PAD).sum(dim=1)
        vectors = self.embedding(source)
        states, last = self.encoder(pack_padded_sequence(vectors, lengths, batch_first=True, enforce_sorted=False))
        memory, _ = pad_packed_sequence(states, batch_first=True, total_length=source.shape[1])
        return memory, last

    def attend(self, queries, memory, source):
        """Looks back at the source from the decoder's states [batch, time, hidden]."""
        scores = queries @ memory.transpose(1, 2)  # [batch, time, source time]
        scores = scores.masked_fill((source == PAD)[:, None], -torch.inf)  # not at padding
        context = scores.softmax(dim=-1) @ memory  # [batch, time, hidden]
        return self.combine(torch.cat([queries, context], dim=-1)).tanh()

    def decode(self, target, state, memory, source):
        """Reads token ids [batch, time] from a state on; returns logits [batch, time, tokens] and the state after it."""
        hidden, state = self.decoder(self.embedding(target), state)
        return self.output(self.attend(hidden, memory, source)), state

    def forward(self, source, target):
        memory, state = self.encode(source)
        logits, _ = self.decode(target, state, memory, source)
        return logits


model = Chat()
model.embedding.load_state_dict({"weight": weight("embedding.weight")})
model.encoder.load_state_dict(stack("encoder"))
model.decoder.load_state_dict(stack("decoder"))
model.combine.load_state_dict(dense("attention.combine"))
model.output.load_state_dict(dense("output"))
model.eval()


@torch.no_grad()
def start(ids):
    """Reads token ids; returns where the decoder begins."""
    source = torch.tensor([ids])
    return (*model.encode(source), source)


@torch.no_grad()
def step(token, state):
    """Reads one token; returns the logits of the next one, and where the decoder stands then."""
    memory, hidden, source = state
    logits, hidden = model.decode(torch.tensor([[token]]), hidden, memory, source)
    return logits[0, -1].tolist(), (memory, hidden, source)


def choose(logits, top_k=TOP_K):
    """A token drawn at random, the likelier the oftener."""
    highest = max(logits)
    chances = [math.exp((logit - highest) / TEMPERATURE) for logit in logits]
    best = sorted(range(len(chances)), key=chances.__getitem__, reverse=True)[:top_k]
    sums = list(itertools.accumulate(chances[token] for token in best))
    best = best[: bisect.bisect_left(sums, TOP_P * sums[-1]) + 1]
    return random.choices(best, [chances[token] for token in best])[0]


def reply(message):
    """A reply, token by token."""
    state = start([token_ids.get(token, UNK) for token in tokenize(message)] or [UNK])
    token, said = START, []
    while token != END and len(said) < LONGEST:
        logits, state = step(token, state)
        logits[PAD] = logits[START] = -math.inf  # never said
        token = choose(logits) if said else choose(logits, FIRST_TOP_K)
        said.append(tokens[token])
    return join(said[:-1] if token == END else said)


if __name__ == "__main__":
    asked = " ".join(sys.argv[1:]) or input("You say: ")
    print(reply(asked))
