"""A chat network that was trained with Unrolled, rebuilt in Keras.

LSTM, one layer of 8; one-hot input; additive attention.

The weights are read from chat-lstm-additive-one-hot.safetensors, which must lie in the same folder.
Install:  pip install keras safetensors numpy tensorflow
          (or jax or torch in place of tensorflow, with its name in the environment variable KERAS_BACKEND)
Run:      python chat-lstm-additive-one-hot-keras.py "a message"
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
LONGEST = 30  # tokens of an answer

# Weights by name, and beside them the settings and the vocabularies.
with safe_open(Path(__file__).with_name("chat-lstm-additive-one-hot.safetensors"), framework="np") as file:
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


# One network reads a sentence, token ids [batch, source time], padded with PAD ...
encoder_layers, decoder_layers = stack(), stack()
source = keras.Input((None,), dtype="int32")
mask = ops.not_equal(source, PAD)
x = ops.one_hot(source, len(tokens))
last = []
for layer in encoder_layers:
    x, *state = layer(x, mask=mask)  # behind a sentence's end the state stays as it is
    last += state
encoder = keras.Model(source, [x, *last])

# ... and a second one writes from the states that it ends in: token ids [batch, time] to logits [batch, time, tokens].
target = keras.Input((None,), dtype="int32")
states = [keras.Input((HIDDEN,)) for _ in range(2 * LAYERS)]
x = ops.one_hot(target, len(tokens))
after = []
for number, layer in enumerate(decoder_layers):
    x, *state = layer(x, initial_state=states[2 * number : 2 * number + 2])  # hidden state, cell state
    after += state

# It looks back at the encoder's states [batch, source time, hidden], but not at padding.
memory = keras.Input((None, HIDDEN))
query = layers.Dense(HIDDEN, use_bias=False)
key = layers.Dense(HIDDEN, use_bias=False)
attention = layers.AdditiveAttention()
combine = layers.Dense(HIDDEN, activation="tanh")
context = attention([query(x), memory, key(memory)], mask=[None, mask])  # [batch, time, hidden]
x = combine(ops.concatenate([x, context], axis=-1))

output = layers.Dense(len(tokens))
decoder = keras.Model([target, *states, memory, source], [output(x), *after])

load_stack(encoder_layers, "encoder")
load_stack(decoder_layers, "decoder")
query.set_weights([weight("attention.score.query")])
key.set_weights([weight("attention.score.key")])
attention.set_weights([weight("attention.score.vector")[:, 0]])
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
