"""A translator that was trained with Unrolled, rebuilt in PyTorch.

GRU, one layer of 8; embedding of 6; general attention.

The weights are read from translator-gru-scripts.safetensors, which must lie in the same folder.
Install:  pip install torch safetensors numpy
Run:      python translator-gru-scripts-pytorch.py "a sentence"
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
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

HIDDEN = 8  # numbers in a hidden state
LAYERS = 1
EMBEDDING = 6  # numbers of a token's vector
LONGEST = 40  # tokens of an answer

# Weights by name, and beside them the settings and the vocabularies.
with safe_open(Path(__file__).with_name("translator-gru-scripts.safetensors"), framework="pt") as file:
    header = json.loads(file.metadata()["unrolled"])
    weights = {name: file.get_tensor(name) for name in file.keys()}

PAD, UNK, START, END = range(4)  # every vocabulary begins with these
source_tokens = header["vocabularies"]["source"]  # the token of each id
target_tokens = header["vocabularies"]["target"]
source_ids = {token: id for id, token in enumerate(source_tokens)}
# Han, kana and Thai have no spaces between words: every character is one.
UNSPACED = (
    "[\u0e01-\u0e3a\u0e40-\u0e5b\u3005-\u3007\u3021-\u3029\u3041-\u3096\u3099-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]"
)
WIDE = "[\u3000-\u3004\u3008-\u3020\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]"  # their punctuation


def tokenize(text):
    """Words with their marks, and every other symbol by itself."""
    found, before = [], "space"
    for c in unicodedata.normalize("NFC", text):
        if c.isspace():
            kind = "space"
        elif re.match(UNSPACED, c):
            kind = "single"
        elif unicodedata.category(c).startswith("M") or c in "\u200c\u200d":
            kind = "mark"
        else:
            kind = "word" if c.isalnum() or c in "_'’" else "single"
        if kind == before == "word" or (kind == "mark" and before != "space"):
            found[-1] += c
        elif kind != "space":
            found.append(c)
        if kind != "mark" or before == "space":
            before = kind
    return found


def join(tokens):
    """Words as a person would write them: no space in front of a comma, nor behind a bracket that opens."""
    text = " ".join(tokens)
    text = re.sub(f"(?<={UNSPACED}) (?={UNSPACED})| ?({WIDE}) ?", r"\1", text)
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


class Translator(nn.Module):
    """One network reads a sentence into its state, and a second one writes from there, token by token."""

    def __init__(self):
        super().__init__()
        self.source_embedding = nn.Embedding(len(source_tokens), EMBEDDING)
        self.target_embedding = nn.Embedding(len(target_tokens), EMBEDDING)
        self.encoder = nn.GRU(EMBEDDING, HIDDEN, LAYERS, batch_first=True)
        self.decoder = nn.GRU(EMBEDDING, HIDDEN, LAYERS, batch_first=True)
        self.general = nn.Linear(HIDDEN, HIDDEN, bias=False)
        self.combine = nn.Linear(2 * HIDDEN, HIDDEN)
        self.output = nn.Linear(HIDDEN, len(target_tokens))

    def encode(self, source):
        """Reads token ids [batch, source time], padded with PAD.

        Returns the hidden states [batch, source time, hidden], and the last of each sentence's in all layers."""
        lengths = (source != PAD).sum(dim=1)
        vectors = self.source_embedding(source)
        states, last = self.encoder(pack_padded_sequence(vectors, lengths, batch_first=True, enforce_sorted=False))
        memory, _ = pad_packed_sequence(states, batch_first=True, total_length=source.shape[1])
        return memory, last

    def attend(self, queries, memory, source):
        """Looks back at the source from the decoder's states [batch, time, hidden]."""
        scores = self.general(queries) @ memory.transpose(1, 2)  # [batch, time, source time]
        scores = scores.masked_fill((source == PAD)[:, None], -torch.inf)  # not at padding
        context = scores.softmax(dim=-1) @ memory  # [batch, time, hidden]
        return self.combine(torch.cat([queries, context], dim=-1)).tanh()

    def decode(self, target, state, memory, source):
        """Reads token ids [batch, time] from a state on; returns logits [batch, time, tokens] and the state after it."""
        hidden, state = self.decoder(self.target_embedding(target), state)
        return self.output(self.attend(hidden, memory, source)), state

    def forward(self, source, target):
        memory, state = self.encode(source)
        logits, _ = self.decode(target, state, memory, source)
        return logits


model = Translator()
model.source_embedding.load_state_dict({"weight": weight("source_embedding.weight")})
model.target_embedding.load_state_dict({"weight": weight("target_embedding.weight")})
model.encoder.load_state_dict(stack("encoder"))
model.decoder.load_state_dict(stack("decoder"))
model.general.load_state_dict({"weight": weight("attention.score.weight").T})
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
