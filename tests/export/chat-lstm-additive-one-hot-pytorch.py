"""A chat network that was trained with Unrolled, rebuilt in PyTorch.

LSTM, one layer of 8; one-hot input; additive attention.

The weights are read from chat-lstm-additive-one-hot.safetensors, which must lie in the same folder.
Install:  pip install torch safetensors numpy
Run:      python chat-lstm-additive-one-hot-pytorch.py "a message"
"""

import json
import math
import re
import sys
import unicodedata
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors import safe_open
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

HIDDEN = 8  # numbers in a hidden state
LAYERS = 1
LONGEST = 30  # tokens of an answer

# Weights by name, and beside them the settings and the vocabularies.
with safe_open(Path(__file__).with_name("chat-lstm-additive-one-hot.safetensors"), framework="pt") as file:
    header = json.loads(file.metadata()["unrolled"])
    weights = {name: file.get_tensor(name) for name in file.keys()}

PAD, UNK, START, END = range(4)  # every vocabulary begins with these
tokens = header["vocabularies"]["vocabulary"]  # the token of each id
token_ids = {token: id for id, token in enumerate(tokens)}


def tokenize(text):
    """Words, and every other symbol by itself."""
    text = re.sub("[\u2600-\u27bf\ufe0f\U0001f000-\U0001faff]", "", text)  # no emoji
    return re.findall(r"[\w'’]+|[^\w\s]", unicodedata.normalize("NFC", text.lower()))


def join(tokens):
    """Words as a person would write them: no space in front of a comma, nor behind a bracket that opens."""
    text = " ".join(tokens)
    text = re.sub(r" ([,.!?;:)\]}»”%…])", r"\1", text)
    return re.sub(r"([(\[{¿¡«“„$£#]) ", r"\1", text)


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


class Chat(nn.Module):
    """One network reads a sentence into its state, and a second one writes from there, token by token."""

    def __init__(self):
        super().__init__()
        self.encoder = nn.LSTM(len(tokens), HIDDEN, LAYERS, batch_first=True)
        self.decoder = nn.LSTM(len(tokens), HIDDEN, LAYERS, batch_first=True)
        self.query = nn.Linear(HIDDEN, HIDDEN, bias=False)
        self.key = nn.Linear(HIDDEN, HIDDEN, bias=False)
        self.vector = nn.Linear(HIDDEN, 1, bias=False)
        self.combine = nn.Linear(2 * HIDDEN, HIDDEN)
        self.output = nn.Linear(HIDDEN, len(tokens))

    def encode(self, source):
        """Reads token ids [batch, source time], padded with PAD.

        Returns the hidden states [batch, source time, hidden], and the last of each sentence's in all layers."""
        lengths = (source != PAD).sum(dim=1)
        vectors = F.one_hot(source, len(tokens)).float()
        states, last = self.encoder(pack_padded_sequence(vectors, lengths, batch_first=True, enforce_sorted=False))
        memory, _ = pad_packed_sequence(states, batch_first=True, total_length=source.shape[1])
        return memory, last

    def attend(self, queries, memory, source):
        """Looks back at the source from the decoder's states [batch, time, hidden]."""
        both = self.query(queries)[:, :, None] + self.key(memory)[:, None]  # [batch, time, source time, hidden]
        scores = self.vector(both.tanh()).squeeze(-1)  # [batch, time, source time]
        scores = scores.masked_fill((source == PAD)[:, None], -torch.inf)  # not at padding
        context = scores.softmax(dim=-1) @ memory  # [batch, time, hidden]
        return self.combine(torch.cat([queries, context], dim=-1)).tanh()

    def decode(self, target, state, memory, source):
        """Reads token ids [batch, time] from a state on; returns logits [batch, time, tokens] and the state after it."""
        hidden, state = self.decoder(F.one_hot(target, len(tokens)).float(), state)
        return self.output(self.attend(hidden, memory, source)), state

    def forward(self, source, target):
        memory, state = self.encode(source)
        logits, _ = self.decode(target, state, memory, source)
        return logits


model = Chat()
model.encoder.load_state_dict(stack("encoder"))
model.decoder.load_state_dict(stack("decoder"))
model.query.load_state_dict({"weight": weight("attention.score.query").T})
model.key.load_state_dict({"weight": weight("attention.score.key").T})
model.vector.load_state_dict({"weight": weight("attention.score.vector").T})
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


def choose(logits):
    """The likeliest token."""
    return max(range(len(logits)), key=logits.__getitem__)


def reply(message):
    """A reply, token by token."""
    state = start([token_ids.get(token, UNK) for token in tokenize(message)] or [UNK])
    token, said = START, []
    while token != END and len(said) < LONGEST:
        logits, state = step(token, state)
        logits[PAD] = logits[START] = -math.inf  # never said
        token = choose(logits)
        said.append(tokens[token])
    return join(said[:-1] if token == END else said)


if __name__ == "__main__":
    asked = " ".join(sys.argv[1:]) or input("You say: ")
    print(reply(asked))
