"""Word vectors that was trained with Unrolled, rebuilt in Keras.

6 numbers for each word, learnt by skip-gram with negative sampling.

The weights are read from vectors.safetensors, which must lie in the same folder.
Install:  pip install keras safetensors numpy tensorflow
          (or jax or torch in place of tensorflow, with its name in the environment variable KERAS_BACKEND)
Run:      python vectors-keras.py a-word
"""

import json
import sys
from pathlib import Path

import keras
import numpy as np
from keras import layers, ops
from safetensors import safe_open

SIZE = 6  # numbers of a word's vector

# Weights by name, and beside them the settings and the vocabularies.
with safe_open(Path(__file__).with_name("vectors.safetensors"), framework="np") as file:
    header = json.loads(file.metadata()["unrolled"])
    weights = {name: file.get_tensor(name) for name in file.keys()}

words = header["vocabularies"]["words"]  # the word of each id; the first four are special
word_ids = {word: id for id, word in enumerate(words)}


def weight(name):
    return weights[f"model.{name}"]


# Two vectors for every word: one for itself, one for standing near others. From the ids of words [pairs] and of
# candidates [pairs, candidates] to the logits of each candidate's standing near the word.
vectors = layers.Embedding(len(words), SIZE)
contexts = layers.Embedding(len(words), SIZE)
centres = keras.Input((), dtype="int32")
candidates = keras.Input((None,), dtype="int32")
logits = ops.sum(contexts(candidates) * vectors(centres)[:, None], axis=-1)
model = keras.Model([centres, candidates], logits)

vectors.set_weights([weight("vectors.weight")])
contexts.set_weights([weight("contexts.weight")])


def cosines(id):
    """The cosine of the angle between a word's vector and that of every word."""
    directions = keras.utils.normalize(weight("vectors.weight"))
    return (directions @ directions[id]).tolist()


def nearest(word, count=5):
    """The words whose vectors point most nearly the same way, with the cosine of the angle."""
    cosine = cosines(word_ids[word])
    others = [id for id in range(4, len(words)) if words[id] != word]
    others.sort(key=cosine.__getitem__, reverse=True)
    return {words[id]: round(cosine[id], 3) for id in others[:count]}


if __name__ == "__main__":
    asked = " ".join(sys.argv[1:]) or input("A word: ")
    print(nearest(asked))
