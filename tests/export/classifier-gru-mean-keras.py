"""A classifier of texts that was trained with Unrolled, rebuilt in Keras.

GRU, 2 layers of 8; embedding of 6; verdict from the mean of the states.

The weights are read from classifier-gru-mean.safetensors, which must lie in the same folder.
Install:  pip install keras safetensors numpy tensorflow
          (or jax or torch in place of tensorflow, with its name in the environment variable KERAS_BACKEND)
Run:      python classifier-gru-mean-keras.py "a text"
"""

import json
import re
import sys
import unicodedata
from pathlib import Path

import keras
import numpy as np
from keras import layers, ops
from safetensors import safe_open

HIDDEN = 8  # numbers in a hidden state
LAYERS = 2
EMBEDDING = 6  # numbers of a token's vector
CUT = 4  # tokens of a text that are read

# Weights by name, and beside them the settings and the vocabularies.
with safe_open(Path(__file__).with_name("classifier-gru-mean.safetensors"), framework="np") as file:
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


# From token ids [batch, time], padded with PAD, to logits [batch, classes].
embedding = layers.Embedding(len(tokens), EMBEDDING)
recurrent = stack()
output = layers.Dense(len(classes))
ids = keras.Input((None,), dtype="int32")
mask = ops.not_equal(ids, PAD)
x = embedding(ids)
for layer in recurrent:
    x, *_ = layer(x, mask=mask)  # behind a text's end the state stays as it is
x = layers.GlobalAveragePooling1D()(x, mask=mask)  # the mean of a text's states
model = keras.Model(ids, output(x))

embedding.set_weights([weight("embedding.weight")])
load_stack(recurrent, "recurrent")
load_dense(output, "output")


def probabilities(ids):
    logits = model.predict_on_batch(np.array([ids]))[0]
    chances = np.exp(logits - logits.max())
    return (chances / chances.sum()).tolist()


def classify(text):
    """The probability of each class."""
    ids = [token_ids.get(token, UNK) for token in tokenize(text)[:CUT]]
    return dict(zip(classes, probabilities(ids or [UNK])))


if __name__ == "__main__":
    asked = " ".join(sys.argv[1:]) or input("A text: ")
    print(classify(asked))
