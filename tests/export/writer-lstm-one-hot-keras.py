"""A writer that was trained with Unrolled, rebuilt in Keras.

LSTM, 2 layers of 8; one-hot input.

The weights are read from writer-lstm-one-hot.safetensors, which must lie in the same folder.
Install:  pip install keras safetensors numpy tensorflow
          (or jax or torch in place of tensorflow, with its name in the environment variable KERAS_BACKEND)
Run:      python writer-lstm-one-hot-keras.py "a beginning"
"""

import json
import math
import sys
import unicodedata
from pathlib import Path

import keras
import numpy as np
from keras import layers, ops
from safetensors import safe_open

HIDDEN = 8  # numbers in a hidden state
LAYERS = 2

# Weights by name, and beside them the settings and the vocabularies.
with safe_open(Path(__file__).with_name("writer-lstm-one-hot.safetensors"), framework="np") as file:
    header = json.loads(file.metadata()["unrolled"])
    weights = {name: file.get_tensor(name) for name in file.keys()}

PAD, UNK, START, END = range(4)  # every vocabulary begins with these
tokens = header["vocabularies"]["vocabulary"]  # the token of each id
token_ids = {token: id for id, token in enumerate(tokens)}
styles = header["vocabularies"]["styles"]


def tokenize(text):
    """Every character is a token."""
    return list(unicodedata.normalize("NFC", text.lower()))


def join(tokens):
    return "".join(tokens)


def weight(name):
    return weights[f"model.{name}"].astype("float32")


def stack():
    """Recurrent layers, each of which gives its states at every time step, and the last one apart."""
    return [layers.LSTM(HIDDEN, return_sequences=True, return_state=True) for _ in range(LAYERS)]


def load_stack(stack, name):
    """Keras and Unrolled have the same layout: [input, 4 * hidden], gates i, f, g (c in Keras), o, one bias."""
    for number, layer in enumerate(stack):
        layer.set_weights([weight(f"{name}.layers.{number}.{part}") for part in ("input", "recurrent", "bias")])


def load_dense(layer, name):
    """The same layout again: [input, output]."""
    layer.set_weights([weight(f"{name}.weight"), weight(f"{name}.bias")])


# From token ids [batch, time] and the states before them to the logits of each next token [batch, time, tokens].
recurrent = stack()
ids = keras.Input((None,), dtype="int32")
states = [keras.Input((HIDDEN,)) for _ in range(2 * LAYERS)]
x = ops.one_hot(ids, len(tokens))
after = []
for number, layer in enumerate(recurrent):
    x, *state = layer(x, initial_state=states[2 * number : 2 * number + 2])  # hidden state, cell state
    after += state
output = layers.Dense(len(tokens))
model = keras.Model([ids, *states], [output(x), *after])

load_stack(recurrent, "recurrent")
load_dense(output, "output")


def zeros(batch):
    """The states before the first token."""
    return [np.zeros((batch, HIDDEN), "float32") for _ in states]


def step(ids, state=None):
    """Reads some tokens; returns the logits of the next one, and the states to go on from."""
    logits, *state = model.predict_on_batch([np.array([ids]), *(state or zeros(1))])
    return logits[0, -1].tolist(), state


def choose(logits):
    """The likeliest token."""
    return max(range(len(logits)), key=logits.__getitem__)


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
