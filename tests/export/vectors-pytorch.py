"""Word vectors that was trained with Unrolled, rebuilt in PyTorch.

6 numbers for each word, learnt by skip-gram with negative sampling.

The weights are read from vectors.safetensors, which must lie in the same folder.
Install:  pip install torch safetensors numpy
Run:      python vectors-pytorch.py a-word
"""

import json
import sys
from pathlib import Path

import torch
from safetensors import safe_open
from torch import nn

SIZE = 6  # numbers of a word's vector

# Weights by name, and beside them the settings and the vocabularies.
with safe_open(Path(__file__).with_name("vectors.safetensors"), framework="pt") as file:
    header = json.loads(file.metadata()["unrolled"])
    weights = {name: file.get_tensor(name) for name in file.keys()}

words = header["vocabularies"]["words"]  # the word of each id; the first four are special
word_ids = {word: id for id, word in enumerate(words)}


def weight(name):
    return weights[f"model.{name}"]


class SkipGram(nn.Module):
    """Two vectors for every word: one for itself, one for standing near others."""

    def __init__(self):
        super().__init__()
        self.vectors = nn.Embedding(len(words), SIZE)
        self.contexts = nn.Embedding(len(words), SIZE)

    def forward(self, centres, candidates):
        """Logits [pairs, candidates] of each candidate's standing near its centre, from ids."""
        return (self.contexts(candidates) @ self.vectors(centres)[:, :, None]).squeeze(-1)


model = SkipGram()
model.vectors.load_state_dict({"weight": weight("vectors.weight")})
model.contexts.load_state_dict({"weight": weight("contexts.weight")})
model.eval()


@torch.no_grad()
def cosines(id):
    """The cosine of the angle between a word's vector and that of every word."""
    vectors = model.vectors.weight
    return torch.cosine_similarity(vectors[id], vectors).tolist()


def nearest(word, count=5):
    """The words whose vectors point most nearly the same way, with the cosine of the angle."""
    cosine = cosines(word_ids[word])
    others = [id for id in range(4, len(words)) if words[id] != word]
    others.sort(key=cosine.__getitem__, reverse=True)
    return {words[id]: round(cosine[id], 3) for id in others[:count]}


if __name__ == "__main__":
    asked = " ".join(sys.argv[1:]) or input("A word: ")
    print(nearest(asked))
