"""Trains the reference for text generation and writes shakespeare.json, beside this file.

    pip install torch
    python make_shakespeare.py input.txt [seed …]

The text is tinyshakespeare (1,115,394 characters, 65 distinct ones); it is not part of the project. The
network is PyTorch's own: one-hot characters, two LSTM layers of 128, a dense layer, Adam 2e-3, no
dropout, gradients clipped to a norm of 5. The last tenth of the text is the validation part. What comes
before it is cut into 50 streams that are read side by side, 50 characters a step, the states carried
from step to step (without their gradients) and zero at the start of an epoch: 401 steps an epoch, five
epochs. The validation loss is the mean over 50 streams of the last tenth, read the same way.
"""

import json
import sys
import time
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

STREAMS, WINDOW, HIDDEN, LAYERS, EPOCHS = 50, 50, 128, 2, 5
VALIDATION, RATE, CLIP = 0.1, 2e-3, 5.0


class LanguageModel(nn.Module):
    def __init__(self, tokens):
        super().__init__()
        self.tokens = tokens
        self.recurrent = nn.LSTM(tokens, HIDDEN, LAYERS)
        self.output = nn.Linear(HIDDEN, tokens)

    def forward(self, ids, state):
        outputs, state = self.recurrent(F.one_hot(ids, self.tokens).float(), state)
        return self.output(outputs), state


def steps(ids, whole):
    """Inputs and targets [time, stream] of each step; `whole`: without a last one that is shorter."""
    length = (len(ids) - 1) // STREAMS
    inputs = ids[: length * STREAMS].view(STREAMS, length).t()
    targets = ids[1 : length * STREAMS + 1].view(STREAMS, length).t()
    for start in range(0, length - WINDOW + 1 if whole else length, WINDOW):
        yield inputs[start : start + WINDOW], targets[start : start + WINDOW]


@torch.no_grad()
def validation_loss(network, ids):
    nats, count, state = 0.0, 0, None
    for x, y in steps(ids, whole=False):
        logits, state = network(x, state)
        nats += F.cross_entropy(logits.flatten(0, 1), y.flatten(), reduction="sum").item()
        count += y.numel()
    return nats / count


def train(seed, training, validation, tokens):
    torch.manual_seed(seed)
    network = LanguageModel(tokens)
    optimizer = torch.optim.Adam(network.parameters(), RATE)
    losses, count, start = [], 0, time.time()
    for _ in range(EPOCHS):
        state = None
        for x, y in steps(training, whole=True):
            logits, state = network(x, state)
            state = tuple(part.detach() for part in state)
            loss = F.cross_entropy(logits.flatten(0, 1), y.flatten())
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), CLIP)
            optimizer.step()
            count += 1
        losses.append(round(validation_loss(network, validation), 4))
    print(f"seed {seed}: {losses} after {count} steps, {time.time() - start:.0f} s", flush=True)
    return {"seed": seed, "steps": count, "validation_loss": losses}


def main():
    torch.set_num_threads(1)
    text = Path(sys.argv[1]).read_text(encoding="utf-8")
    seeds = [int(seed) for seed in sys.argv[2:]] or [1, 2, 3]
    kept = len(text) - round(len(text) * VALIDATION)
    ids = {token: index for index, token in enumerate(sorted(set(text)))}
    data = torch.tensor([ids[token] for token in text])
    runs = [train(seed, data[:kept], data[kept:], len(ids)) for seed in seeds]
    settings = {
        "streams": STREAMS,
        "window": WINDOW,
        "hidden": HIDDEN,
        "layers": LAYERS,
        "learning_rate": RATE,
        "clip_norm": CLIP,
        "validation_share": VALIDATION,
    }
    figures = {"torch": torch.__version__, "characters": len(text), "settings": settings, "runs": runs}
    path = Path(__file__).parent / "shakespeare.json"
    path.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


main()
