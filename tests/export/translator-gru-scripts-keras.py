"""A translator that was trained with Unrolled, rebuilt in Keras.

GRU, one layer of 8; embedding of 6; general attention.

The weights are read from translator-gru-scripts.safetensors, which must lie in the same folder.
Install:  pip install keras safetensors numpy tensorflow
          (or jax or torch in place of tensorflow, with its name in the environment variable KERAS_BACKEND)
Run:      python translator-gru-scripts-keras.py "a sentence"
"""

import json
import math
import re
import sys
import unicodedata
from pathlib import Path

import keras
import numpy as np
from keras import layers, ops
from safetensors import safe_open

HIDDEN = 8  # numbers in a hidden state
LAYERS = 1
EMBEDDING = 6  # numbers of a token's vector
LONGEST = 40  # tokens of an answer

# Weights by name, and beside them the settings and the vocabularies.
with safe_open(Path(__file__).with_name("translator-gru-scripts.safetensors"), framework="np") as file:
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


def stack():
    """Recurrent layers, each of which gives its states at every time step, and the last one apart."""
    return [layers.GRU(HIDDEN, return_sequences=True, return_state=True) for _ in range(LAYERS)]


def load_stack(stack, name):
    """Keras and Unrolled have the same layout: [input, 3 * hidden], gates z, r, h, two biases [2, 3 * hidden]."""
    for number, layer in enumerate(stack):
        layer.set_weights([weight(f"{name}.layers.{number}.{part}") for part in ("input", "recurrent", "bias")])


def load_dense(layer, name):
    """The same layout again: [input, output]."""
    layer.set_weights([weight(f"{name}.weight"), weight(f"{name}.bias")])


# One network reads a sentence, token ids [batch, source time], padded with PAD ...
source_embedding = layers.Embedding(len(source_tokens), EMBEDDING)
target_embedding = layers.Embedding(len(target_tokens), EMBEDDING)
encoder_layers, decoder_layers = stack(), stack()
source = keras.Input((None,), dtype="int32")
mask = ops.not_equal(source, PAD)
x = source_embedding(source)
last = []
for layer in encoder_layers:
    x, *state = layer(x, mask=mask)  # behind a sentence's end the state stays as it is
    last += state
encoder = keras.Model(source, [x, *last])

# ... and a second one writes from the states that it ends in: token ids [batch, time] to logits [batch, time, tokens].
target = keras.Input((None,), dtype="int32")
states = [keras.Input((HIDDEN,)) for _ in range(LAYERS)]
x = target_embedding(target)
after = []
for layer, state in zip(decoder_layers, states):
    x, state = layer(x, initial_state=state)
    after.append(state)

# It looks back at the encoder's states [batch, source time, hidden], but not at padding.
memory = keras.Input((None, HIDDEN))
general = layers.Dense(HIDDEN, use_bias=False)
attention = layers.Attention()
combine = layers.Dense(HIDDEN, activation="tanh")
context = attention([general(x), memory], mask=[None, mask])  # [batch, time, hidden]
x = combine(ops.concatenate([x, context], axis=-1))

output = layers.Dense(len(target_tokens))
decoder = keras.Model([target, *states, memory, source], [output(x), *after])

source_embedding.set_weights([weight("source_embedding.weight")])
target_embedding.set_weights([weight("target_embedding.weight")])
load_stack(encoder_layers, "encoder")
load_stack(decoder_layers, "decoder")
general.set_weights([weight("attention.score.weight")])
load_dense(combine, "attention.combine")
load_dense(output, "output")


def start(ids):
    """Reads token ids; returns where the decoder begins."""
    source = np.array([ids])
    memory, *states = encoder.predict_on_batch(source)
    return states, memory, source


def step(token, state):
    """Reads one token; returns the logits of the next one, and where the decoder stands then."""
    states, memory, source = state
    logits, *states = decoder.predict_on_batch([np.array([[token]]), *states, memory, source])
    return logits[0, -1].tolist(), (states, memory, source)


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
