"""Writes sentiment.json, beside this file: how many held-out sentences PyTorch gets right.

    pip install torch
    cargo run --release --example sentiment -- amazon_cells_labelled.txt "preset=As in the lesson" \\
        validation_share=0.3 test_share=0 export=splits.json
    python make_sentiment.py splits.json

The file of sentences is test/data/amazon_cells_labelled.txt of the npm package wink-sentiment. The network is
the page's of that preset, on the very splits that the page makes for the seeds 1 to 5: embedding and LSTM of 128,
Keras's initial weights, dropout and recurrent dropout with one mask per sequence (written out as a loop over time,
as PyTorch's own LSTM has neither), the last state, Adam. Only the random numbers differ.
"""

import json
import random
import statistics
import sys
from pathlib import Path

import torch
from torch import nn

PAD = 0
POOL = 50  # batches that are sorted by length at a time


class Classifier(nn.Module):
    def __init__(self, vocabulary, embedding, hidden, classes, dropout, recurrent_dropout):
        super().__init__()
        self.embedding = nn.Parameter(torch.empty(vocabulary, embedding).uniform_(-0.05, 0.05))
        self.input = nn.Parameter(nn.init.xavier_uniform_(torch.empty(embedding, 4 * hidden)))
        self.recurrent = nn.Parameter(nn.init.orthogonal_(torch.empty(hidden, 4 * hidden)))
        bias = torch.zeros(4 * hidden)
        bias[hidden : 2 * hidden] = 1  # gates i, f, g, o: a fresh network remembers
        self.bias = nn.Parameter(bias)
        self.output = nn.Parameter(nn.init.xavier_uniform_(torch.empty(hidden, classes)))
        self.output_bias = nn.Parameter(torch.zeros(classes))
        self.dropout = nn.Dropout(dropout)
        self.recurrent_dropout = nn.Dropout(recurrent_dropout)

    def forward(self, ids, lengths):
        """Token ids [time, batch] of texts of these lengths to logits [batch, classes]."""
        time, batch = ids.shape
        hidden = self.recurrent.shape[0]
        x = self.embedding[ids]
        # One mask for all time steps, as Keras has it.
        x = x * self.dropout(torch.ones(1, batch, x.shape[2]))
        mask = self.recurrent_dropout(torch.ones(batch, hidden))
        half = x @ self.input + self.bias
        h = c = torch.zeros(batch, hidden)
        for step in range(time):
            i, f, g, o = (half[step] + (h * mask) @ self.recurrent).chunk(4, dim=1)
            cell = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            state = torch.sigmoid(o) * torch.tanh(cell)
            going = (step < lengths)[:, None]
            c, h = torch.where(going, cell, c), torch.where(going, state, h)
        return h @ self.output + self.output_bias


def batch_of(examples):
    time = max(len(ids) for ids, _ in examples)
    ids = torch.full((time, len(examples)), PAD)
    for row, (text, _) in enumerate(examples):
        ids[: len(text), row] = torch.tensor(text)
    lengths = torch.tensor([len(text) for text, _ in examples])
    return ids, lengths, torch.tensor([label for _, label in examples])


def epoch(examples, size):
    """Shuffled, sorted by length in pools of batches, and the batches shuffled: as the page does it."""
    examples = random.sample(examples, len(examples))
    batches = []
    for start in range(0, len(examples), size * POOL):
        pool = sorted(examples[start : start + size * POOL], key=lambda example: len(example[0]))
        batches += [pool[first : first + size] for first in range(0, len(pool), size)]
    random.shuffle(batches)
    return batches


def accuracy(model, examples):
    model.eval()
    with torch.no_grad():
        ids, lengths, labels = batch_of(examples)
        right = (model(ids, lengths).argmax(1) == labels).float().mean().item()
    model.train()
    return right


def main(splits):
    torch.set_num_threads(1)
    exported = json.loads(Path(splits).read_text())
    settings = exported["settings"]
    found = []
    for part in exported["seeds"]:
        torch.manual_seed(part["seed"])
        random.seed(part["seed"])
        model = Classifier(
            part["vocabulary"],
            settings["embedding"],
            settings["hidden"],
            1 + max(label for _, label in part["train"]),
            settings["dropout"],
            settings["recurrent_dropout"],
        )
        optimizer = torch.optim.Adam(model.parameters(), lr=settings["learning_rate"])
        for _ in range(settings["epochs"]):
            for examples in epoch(part["train"], settings["batch"]):
                ids, lengths, labels = batch_of(examples)
                loss = nn.functional.cross_entropy(model(ids, lengths), labels)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        found.append(accuracy(model, part["held_out"]))
        print(f"seed {part['seed']}: {100 * found[-1]:.2f} % of {len(part['held_out'])}", flush=True)
    keys = ["vocabulary", "embedding", "hidden", "dropout", "recurrent_dropout", "epochs", "learning_rate", "batch"]
    figures = {
        "settings": {key: settings[key] for key in keys + ["validation_share", "test_share"]},
        "accuracy": [round(value, 6) for value in found],
        "mean": round(statistics.mean(found), 6),
        "standard_deviation": round(statistics.stdev(found), 6),
    }
    file = Path(__file__).parent / "sentiment.json"
    file.write_text(json.dumps(figures, indent=2) + "\n")
    print(figures)


if __name__ == "__main__":
    main(sys.argv[1])
