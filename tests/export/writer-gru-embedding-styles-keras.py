"""A writer that was trained with Unrolled, rebuilt in Keras.

GRU, one layer of 8; embedding of 6; 2 styles.

The weights are read from writer-gru-embedding-styles.safetensors, which must lie in the same folder.
Install:  pip install keras safetensors numpy tensorflow
          (or jax or torch in place of tensorflow, with its name in the environment variable KERAS_BACKEND)
Run:      python writer-gru-embedding-styles-keras.py "a beginning"
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
STYLE = 16  # numbers of a style's vector

# Weights by name, and beside them the settings and the vocabularies.
with safe_open(Path(__file__).with_name("writer-gru-embedding-styles.safetensors"), framework="np") as file:
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


# From token ids [batch, time] and the states before them to the logits of each next token [batch, time, tokens].
embedding = layers.Embedding(len(tokens), EMBEDDING)
style = layers.Dense(STYLE, use_bias=False)  # a mixture of the styles' vectors
recurrent = stack()
ids = keras.Input((None,), dtype="int32")
states = [keras.Input((HIDDEN,)) for _ in range(LAYERS)]
x = embedding(ids)
blend = keras.Input((len(styles),))  # how much of each style
mixture = ops.ones_like(x[:, :, :1]) * style(blend)[:, None]  # the same at every step: [batch, time, style]
x = ops.concatenate([x, mixture], axis=-1)
after = []
for layer, state in zip(recurrent, states):
    x, state = layer(x, initial_state=state)
    after.append(state)
output = layers.Dense(len(tokens))
model = keras.Model([ids, blend, *states], [output(x), *after])

embedding.set_weights([weight("embedding.weight")])
style.set_weights([weight("style.weight")])
load_stack(recurrent, "recurrent")
load_dense(output, "output")


def zeros(batch):
    """The states before the first token."""
    return [np.zeros((batch, HIDDEN), "float32") for _ in states]


def step(ids, blend, state=None):
    """Reads some tokens; returns the logits of the next one, and the states to go on from."""
    logits, *state = model.predict_on_batch([np.array([ids]), np.array([blend], "float32"), *(state or zeros(1))])
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
