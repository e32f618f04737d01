"""Runs the scripts in tests/export and compares with what the models must answer. See check-export.mjs.

Usage: python check-export.py FOLDER pytorch|keras
"""

import importlib.util
import json
import sys
from pathlib import Path

import numpy as np

TOLERANCE = 1e-4

folder, framework = Path(sys.argv[1]), sys.argv[2]


def opened(path):
    """A script as a module: its network is built, and nothing is asked yet."""
    spec = importlib.util.spec_from_file_location(path.stem.replace("-", "_"), path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def padded(rows):
    ids = np.zeros((len(rows), max(map(len, rows))), dtype="int64")
    for ids_of_row, row in zip(ids, rows):
        ids_of_row[: len(row)] = row
    return ids


def bits(strings):
    numbers = np.zeros((len(strings), max(map(len, strings)), 1), dtype="float32")
    for numbers_of_row, string in zip(numbers, strings):
        numbers_of_row[: len(string), 0] = [1.0 if bit == "1" else -1.0 for bit in string]
    return numbers


def in_pytorch(module, inputs):
    import torch

    with torch.no_grad():
        logits = module.model(*[torch.from_numpy(array) for array in inputs])
    return (logits[0] if isinstance(logits, tuple) else logits).numpy()


def in_keras(module, inputs):
    if hasattr(module, "decoder"):
        source, target = inputs
        memory, *states = module.encoder.predict_on_batch(source)
        attended = [memory, source] if len(module.decoder.inputs) > 1 + len(states) else []
        return module.decoder.predict_on_batch([target, *states, *attended])[0]
    if hasattr(module, "zeros"):
        return module.model.predict_on_batch([*inputs, *module.zeros(len(inputs[0]))])[0]
    return module.model.predict_on_batch(inputs if len(inputs) > 1 else inputs[0])


def network_inputs(task, given, module):
    if task == "parity":
        return [bits(given["bits"])]
    if task == "generation":
        blend = [np.array(given["blend"], dtype="float32")] if len(module.styles) > 1 else []
        return [padded(given["ids"]), *blend]
    if task == "classification":
        return [padded(given["ids"])]
    if task == "vectors":
        return [np.array(given["centres"]), np.array(given["candidates"])]
    return [padded(given["source"]), padded(given["target"])]


def said(task, module, expected):
    """What the script answers, and what it must."""
    asked, answer = expected["asked"], expected["answer"]
    if task == "translation":
        return module.translate(asked), answer
    if task == "chat":
        return module.reply(asked), answer
    if task == "generation":
        return module.write(asked, count=12), asked + answer
    if task == "classification":
        found = module.classify(asked)
        return max(found, key=found.get), answer
    if task == "parity":
        return module.parity(asked), answer
    return " ".join(module.nearest(asked)), answer


failed = 0
for path in sorted(folder.glob(f"*-{framework}.py")):
    expected = json.loads(path.with_name(path.name.replace(f"-{framework}.py", ".json")).read_text())
    module = opened(path)
    task = module.header["config"]["task"]
    network = in_pytorch if framework == "pytorch" else in_keras
    logits = network(module, network_inputs(task, expected["inputs"], module))
    difference = 0.0
    for row, right in zip(logits, expected["logits"], strict=True):
        right = np.array(right)  # [time, classes] without padding, or [classes]
        part = row[: len(right)] if right.ndim == 2 else row
        if part.shape != right.shape:
            raise SystemExit(f"{path.name} gives {part.shape} logits, and {right.shape} are right")
        difference = max(difference, float(np.abs(part - right).max()))
    found, answer = said(task, module, expected)
    good = difference <= TOLERANCE and found == answer
    failed += not good
    print(f"  {'✓' if good else '✖'} {path.name}: off by {difference:.1e} at most, says {found!r}", end="")
    print("" if found == answer else f" and should say {answer!r}")
raise SystemExit(1 if failed else 0)
