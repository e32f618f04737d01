"""A network for the parity of bits that was trained with Unrolled, rebuilt in Keras.

Simple RNN (relu), 2 layers of 8.

The weights are read from parity-relu-count.safetensors, which must lie in the same folder.
Install:  pip install keras safetensors numpy tensorflow
          (or jax or torch in place of tensorflow, with its name in the environment variable KERAS_BACKEND)
Run:      python parity-relu-count-keras.py 1011001
"""

import json
import sys
from pathlib import Path

import keras
import numpy as np
from keras import layers
from safetensors import safe_open

HIDDEN = 8  # numbers in a hidden state
LAYERS = 2

# Weights by name, and beside them the settings and the vocabularies.
with safe_open(Path(__file__).with_name("parity-relu-count.safetensors"), framework="np") as file:
    header = json.loads(file.metadata()["unrolled"])
    weights = {name: file.get_tensor(name) for name in file.keys()}

CLASSES = 8  # from no ones to 7


def weight(name):
    return weights[f"model.{name}"]


def stack():
    """Recurrent layers, each of which gives its states at every time step, and the last one apart."""
    return [layers.SimpleRNN(HIDDEN, activation="relu", return_sequences=True, return_state=True) for _ in range(LAYERS)]


def load_stack(stack, name):
    """Keras and Unrolled have the same layout: [input, hidden], one bias."""
    for number, layer in enumerate(stack):
        layer.set_weights([weight(f"{name}.layers.{number}.{part}") for part in ("input", "recurrent", "bias")])


def load_dense(layer, name):
    """The same layout again: [input, output]."""
    layer.set_weights([weight(f"{name}.weight"), weight(f"{name}.bias")])


# From bits [batch, time, 1], -1 for a zero and 1 for a one, to logits after every bit [batch, time, classes].
recurrent = stack()
output = layers.Dense(CLASSES)
bits = keras.Input((None, 1))
x = bits
for layer in recurrent:
    x, *_ = layer(x)
model = keras.Model(bits, output(x))

load_stack(recurrent, "recurrent")
load_dense(output, "output")


def read(bits):
    """A string of 0 and 1; the logits after every bit."""
    numbers = np.array([[[1.0 if bit == "1" else -1.0] for bit in bits]], "float32")
    return model.predict_on_batch(numbers)[0].tolist()


def parity(bits):
    """Whether the number of ones in a string of bits is even or odd, from how many there seem to be."""
    logits = read(bits)[-1]  # after the last bit, a class for each number of ones
    ones = max(range(len(logits)), key=logits.__getitem__)
    return "odd" if ones % 2 else "even"


if __name__ == "__main__":
    asked = " ".join(sys.argv[1:]) or input("Bits: ")
    print(parity(asked))
