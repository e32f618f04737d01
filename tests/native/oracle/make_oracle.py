"""Writes the figures that the Rust tests compare with: *.json, beside this file.

    pip install torch numpy sacrebleu
    python make_oracle.py

Everything is computed by PyTorch in double precision (BLEU by sacreBLEU, RMSprop by Keras's
formula) from inputs of three decimals; results are stored with eight significant digits. A tensor
is {"shape": [...], "data": [...]}, row by row. Weights are in the crate's layouts:

    input [input, gates·hidden], recurrent [hidden, gates·hidden], a product is x · W
    LSTM  gates i, f, g, o, bias [4·hidden]
    GRU   gates z, r, h, reset after the product, bias [2, 3·hidden]: input half, recurrent half
    RNN   bias [hidden]
"""

import itertools
import json
import math
from pathlib import Path

import sacrebleu
import torch
import torch.nn.functional as F
from torch import nn

FOLDER = Path(__file__).parent
PAD, UNK, START, END = range(4)

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


def random(*shape, scale=0.5):
    return torch.round(torch.randn(*shape) * scale, decimals=3)


def leaf(*shape, scale=0.5):
    return random(*shape, scale=scale).requires_grad_()


def gradients(tensors):
    return {name: tensor.grad for name, tensor in tensors.items()}


# ------------------------------------------------------------------------------------------- JSON


def plain(value):
    """Tensors, numbers and what holds them, as JSON has it."""
    if isinstance(value, torch.Tensor):
        if value.dim() == 0:
            return plain(value.item())
        return {"shape": list(value.shape), "data": plain(value.detach().flatten().tolist())}
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return float(f"{value:.8g}")
    return value


def layout(value, indent=""):
    """JSON with a line for each tensor, so that a change shows where it is."""
    inner = indent + " "
    line = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if len(line) < 100:
        return line
    if isinstance(value, dict):
        if "shape" in value:
            return line
        rows = [f"{inner}{json.dumps(k)}: {layout(v, inner)}" for k, v in value.items()]
        return "{\n" + ",\n".join(rows) + f"\n{indent}}}"
    if all(isinstance(item, (int, float)) for item in value):
        return line
    return "[\n" + ",\n".join(inner + layout(item, inner) for item in value) + f"\n{indent}]"


def write(name, value):
    (FOLDER / name).write_text(layout(plain(value)) + "\n", encoding="utf-8")


# ------------------------------------------------------------------------------------------ cells

GATES = {"lstm": 4, "gru": 3, "rnn_tanh": 1, "rnn_relu": 1}


def cell_weights(kind, inputs, hidden):
    gates = GATES[kind] * hidden
    bias = (2, gates) if kind == "gru" else (gates,)
    return {"input": leaf(inputs, gates), "recurrent": leaf(hidden, gates), "bias": leaf(*bias)}


def run_cell(kind, weights, x, lengths, initial):
    """One layer over x [time, batch, input], by PyTorch's own module.

    Returns outputs [time, batch, hidden] and the final states, each sequence's own last step. Past
    the length of a sequence its outputs repeat the final hidden state.
    """
    inputs, hidden = x.shape[-1], weights["recurrent"].shape[0]
    bias = weights["bias"]
    if kind == "gru":
        module = nn.GRU(inputs, hidden)

        def gates(rows):  # z, r, h to PyTorch's r, z, n
            z, r, h = rows.chunk(3)
            return torch.cat([r, z, h])

        bias_input, bias_recurrent = gates(bias[0]), gates(bias[1])
    else:
        module = nn.LSTM(inputs, hidden) if kind == "lstm" else nn.RNN(inputs, hidden, nonlinearity=kind[4:])

        def gates(rows):
            return rows

        bias_input, bias_recurrent = bias, torch.zeros_like(bias)
    parameters = {
        "weight_ih_l0": gates(weights["input"].T),
        "weight_hh_l0": gates(weights["recurrent"].T),
        "bias_ih_l0": bias_input,
        "bias_hh_l0": bias_recurrent,
    }
    packed = nn.utils.rnn.pack_padded_sequence(x, lengths, enforce_sorted=False)
    states = [state[None] for state in initial]
    states = tuple(states) if kind == "lstm" else states[0]
    outputs, final = torch.func.functional_call(module, parameters, (packed, states))
    outputs, _ = nn.utils.rnn.pad_packed_sequence(outputs, total_length=len(x))
    final = [state[0] for state in (final if kind == "lstm" else [final])]
    valid = torch.arange(len(x))[:, None] < lengths
    return torch.where(valid[..., None], outputs, final[0]), final


def cells():
    time, batch, inputs, hidden = 5, 3, 4, 6
    lengths = torch.tensor([5, 3, 1])
    valid = torch.arange(time)[:, None] < lengths
    cases = []
    for kind in GATES:
        weights = cell_weights(kind, inputs, hidden)
        x = leaf(time, batch, inputs, scale=1.0)
        names = ["hidden", "cell"] if kind == "lstm" else ["hidden"]
        initial = [leaf(batch, hidden) for _ in names]
        outputs, final = run_cell(kind, weights, x, lengths, initial)
        output_weights = random(time, batch, hidden) * valid[..., None]
        final_weights = [random(batch, hidden) for _ in names]
        loss = (outputs * output_weights).sum()
        loss = loss + sum((state * weight).sum() for state, weight in zip(final, final_weights))
        loss.backward()
        inputs_by_name = {"x": x, **weights, **{f"initial_{n}": s for n, s in zip(names, initial)}}
        cases.append({
            "cell": kind,
            **inputs_by_name,
            "outputs": outputs,
            **{f"final_{n}": state for n, state in zip(names, final)},
            "loss_weights": {"outputs": output_weights, **{f"final_{n}": w for n, w in zip(names, final_weights)}},
            "loss": loss,
            "gradients": gradients(inputs_by_name),
        })
    write("cells.json", {"lengths": lengths.tolist(), "cases": cases})


# -------------------------------------------------------------------------------------- attention


def attention_weights(kind, hidden):
    score = {
        "none": {},
        "dot": {},
        "general": {"score": leaf(hidden, hidden)},
        "additive": {"query": leaf(hidden, hidden), "key": leaf(hidden, hidden), "v": leaf(hidden)},
    }[kind]
    if kind == "none":
        return score
    return {**score, "combine.weight": leaf(2 * hidden, hidden), "combine.bias": leaf(hidden)}


def attend(kind, weights, queries, memory, lengths):
    """Luong attention: queries [batch, target, hidden], memory [batch, source, hidden].

    Returns the attention weights [batch, target, source], the contexts and the attentional vectors.
    """
    if kind == "additive":
        projected = (queries @ weights["query"])[:, :, None] + (memory @ weights["key"])[:, None]
        scores = torch.tanh(projected) @ weights["v"]
    else:
        scored = queries @ weights["score"] if kind == "general" else queries
        scores = scored @ memory.transpose(1, 2)
    padding = torch.arange(memory.shape[1]) >= lengths[:, None]
    probabilities = scores.masked_fill(padding[:, None], -math.inf).softmax(-1)
    context = probabilities @ memory
    combined = torch.cat([queries, context], -1) @ weights["combine.weight"] + weights["combine.bias"]
    return probabilities, context, torch.tanh(combined)


def attention():
    batch, target, source, hidden = 2, 3, 5, 4
    lengths = torch.tensor([5, 3])
    cases = []
    for kind in ["dot", "general", "additive"]:
        tensors = {
            "queries": leaf(batch, target, hidden, scale=1.0),
            "memory": leaf(batch, source, hidden, scale=1.0),
            **attention_weights(kind, hidden),
        }
        probabilities, context, output = attend(kind, tensors, tensors["queries"], tensors["memory"], lengths)
        output_weights = random(batch, target, hidden)
        loss = (output * output_weights).sum()
        loss.backward()
        cases.append({
            "attention": kind,
            **tensors,
            "attention_weights": probabilities,
            "context": context,
            "output": output,
            "loss_weights": {"output": output_weights},
            "loss": loss,
            "gradients": gradients(tensors),
        })
    write("attention.json", {"lengths": lengths.tolist(), "cases": cases})


# ------------------------------------------------------------------------------------ masked loss


def score_tokens(logits, targets):
    """Cross-entropy in nats summed over the tokens that are not padding, their number, and how
    many of them are the likeliest."""
    total = F.cross_entropy(logits.flatten(0, -2), targets.flatten(), ignore_index=PAD, reduction="sum")
    valid = targets != PAD
    correct = ((logits.argmax(-1) == targets) & valid).sum()
    return total, valid.sum(), correct


def masked_loss():
    targets = torch.tensor([[4, 2, 5, 3], [6, 3, PAD, PAD], [3, PAD, PAD, PAD]])
    logits = random(3, 4, 7, scale=2.0)
    # Two tokens are right, and padding is predicted where padding stands: that must not count.
    logits[0, 0, 4] = logits[1, 1, 3] = logits[1, 2, PAD] = 7.0
    logits.requires_grad_()
    total, tokens, correct = score_tokens(logits, targets)
    mean = total / tokens
    mean.backward()
    write("masked_loss.json", {
        "pad": PAD,
        "logits": logits,
        "targets": targets.tolist(),
        "sum": total,
        "tokens": tokens,
        "mean": mean,
        "correct": correct,
        "mean_gradient": logits.grad,
    })


# ------------------------------------------------------------------------------------- optimizers


class KerasRmsprop(torch.optim.Optimizer):
    """Keras 3's RMSprop (keras/src/optimizers/rmsprop.py of 3.15.1, no momentum, not centred).

    Its epsilon stands under the square root; PyTorch adds it to the root.
    """

    def __init__(self, parameters, lr, rho, eps):
        super().__init__(parameters, {"lr": lr, "rho": rho, "eps": eps})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for parameter in group["params"]:
                state = self.state[parameter]
                velocity = state.setdefault("velocity", torch.zeros_like(parameter))
                velocity.mul_(group["rho"]).add_((1 - group["rho"]) * parameter.grad**2)
                parameter.sub_(group["lr"] * parameter.grad / torch.sqrt(velocity + group["eps"]))


def optimizers():
    steps = 10
    start = random(2, 3, scale=1.0)
    # The last column's gradients are tiny, so that epsilon and its place show.
    given = random(steps, 2, 3, scale=1.0) * torch.tensor([1.0, 0.1, 1e-4])
    given[4, 0, 0] = 0.0
    cases = []
    for name, make, settings in [
        ("sgd", torch.optim.SGD, {"lr": 0.1, "momentum": 0.9}),
        ("adam", torch.optim.Adam, {"lr": 0.01, "betas": (0.9, 0.999), "eps": 1e-8}),
        ("adamw", torch.optim.AdamW, {"lr": 0.01, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.1}),
        ("rmsprop", KerasRmsprop, {"lr": 0.01, "rho": 0.9, "eps": 1e-7}),
    ]:
        parameter = start.clone().requires_grad_()
        optimizer = make([parameter], **settings)
        parameters = []
        for gradient in given:
            parameter.grad = gradient.clone()
            optimizer.step()
            parameters.append(parameter.detach().clone())
        cases.append({"optimizer": name, **settings, "parameters": torch.stack(parameters)})

    clipped = []
    grads = {"a": random(2, 3, scale=1.0), "b": random(4, scale=1.0)}
    for max_norm in [1.0, 100.0]:
        parameters = {name: torch.zeros_like(gradient).requires_grad_() for name, gradient in grads.items()}
        for name, gradient in grads.items():
            parameters[name].grad = gradient.clone()
        norm = nn.utils.clip_grad_norm_(parameters.values(), max_norm)
        clipped.append({"max_norm": max_norm, "norm": norm, "clipped": gradients(parameters)})
    write("optimizers.json", {
        "start": start,
        "gradients": given,
        "cases": cases,
        "clipping": {"gradients": grads, "cases": clipped},
    })


# ---------------------------------------------------------------------------------------- seq2seq


def seq2seq_weights(cell, attention, one_hot, layers, sizes):
    source, target, embedding, hidden = sizes
    weights = {}
    if not one_hot:
        weights["source_embedding"] = leaf(source, embedding)
        weights["target_embedding"] = leaf(target, embedding)
    for part, vocabulary in [("encoder", source), ("decoder", target)]:
        for layer in range(layers):
            inputs = hidden if layer else (vocabulary if one_hot else embedding)
            for name, weight in cell_weights(cell, inputs, hidden).items():
                weights[f"{part}.{layer}.{name}"] = weight
    for name, weight in attention_weights(attention, hidden).items():
        weights[f"attention.{name}"] = weight
    return {**weights, "output.weight": leaf(hidden, target), "output.bias": leaf(target)}


def part_of(weights, prefix):
    return {name.removeprefix(prefix): w for name, w in weights.items() if name.startswith(prefix)}


def pad(sentences):
    """Ids [time, batch] and lengths."""
    lengths = torch.tensor([len(sentence) for sentence in sentences])
    return nn.utils.rnn.pad_sequence([torch.tensor(s) for s in sentences], padding_value=PAD), lengths


def read(weights, side, ids):
    """Token ids [time, batch] to the first layer's input."""
    if f"{side}_embedding" in weights:
        return weights[f"{side}_embedding"][ids]
    part = {"source": "encoder", "target": "decoder"}[side]
    return F.one_hot(ids, weights[f"{part}.0.input"].shape[0]).double()


def run_stack(cell, weights, part, layers, x, lengths, initial):
    finals = []
    for layer in range(layers):
        x, final = run_cell(cell, part_of(weights, f"{part}.{layer}."), x, lengths, initial[layer])
        finals.append(final)
    return x, finals


def run_seq2seq(model, weights, pairs):
    """Logits [batch, time, vocabulary] under teacher forcing, and the targets [batch, time]."""
    cell, layers, attention = model["cell"], model["layers"], model["attention"]
    source, source_lengths = pad([s for s, _ in pairs])
    given, target_lengths = pad([[START, *t] for _, t in pairs])
    expected, _ = pad([[*t, END] for _, t in pairs])
    zero = torch.zeros(len(pairs), model["hidden"])
    zeros = [[zero] * (2 if cell == "lstm" else 1)] * layers
    memory, states = run_stack(
        cell, weights, "encoder", layers, read(weights, "source", source), source_lengths, zeros
    )
    outputs, _ = run_stack(
        cell, weights, "decoder", layers, read(weights, "target", given), target_lengths, states
    )
    outputs = outputs.transpose(0, 1)
    if attention != "none":
        part = part_of(weights, "attention.")
        _, _, outputs = attend(attention, part, outputs, memory.transpose(0, 1), source_lengths)
    return outputs @ weights["output.weight"] + weights["output.bias"], expected.T


def seq2seq():
    pairs = [([4, 5, 6, 4], [5, 6, 7]), ([6, UNK], [4, 4, 5, 6, UNK]), ([5, 4, 6], [7])]
    sizes = source, target, embedding, hidden = 7, 8, 3, 4
    cases = []
    for cell, layers, attention, one_hot in [
        ("lstm", 2, "general", False),
        ("gru", 2, "general", False),
        ("rnn_tanh", 1, "none", True),
    ]:
        model = {
            "cell": cell,
            "layers": layers,
            "attention": attention,
            "input": "one_hot" if one_hot else "embedding",
            "embedding": None if one_hot else embedding,
            "hidden": hidden,
            "source_vocabulary": source,
            "target_vocabulary": target,
        }
        weights = seq2seq_weights(cell, attention, one_hot, layers, sizes)
        start = {name: weight.detach().clone() for name, weight in weights.items()}
        optimizer = torch.optim.Adam(weights.values(), lr=0.01)
        losses, first = [], None
        for _ in range(10):
            optimizer.zero_grad()
            total, tokens, correct = score_tokens(*run_seq2seq(model, weights, pairs))
            mean = total / tokens
            mean.backward()
            if first is None:
                first = {
                    "sum": total,
                    "tokens": tokens,
                    "correct": correct,
                    "mean_gradients": {name: grad.clone() for name, grad in gradients(weights).items()},
                }
            losses.append(mean.item())
            optimizer.step()
        cases.append({**model, "weights": start, **first, "losses": losses})
    write("seq2seq.json", {
        "pad": PAD,
        "start": START,
        "end": END,
        "sources": [s for s, _ in pairs],
        "targets": [t for _, t in pairs],
        "training": {"optimizer": "adam", "lr": 0.01, "betas": (0.9, 0.999), "eps": 1e-8},
        "cases": cases,
    })


# -------------------------------------------------------------------------------------- schedules


def schedules():
    cases = []
    for settings in [
        {"schedule": "constant"},
        {"schedule": "warm_up", "warm_up_steps": 6},
        {"schedule": "cosine", "warm_up_steps": 2},
        {"schedule": "cosine", "warm_up_steps": 7},
        {"schedule": "step", "decay_epochs": 2, "decay_factor": 0.3},
    ]:
        case = {
            "learning_rate": 0.02,
            "epochs": 5,
            "steps_per_epoch": 4,
            "warm_up_steps": 1,
            "decay_epochs": 1,
            "decay_factor": 1.0,
            **settings,
        }
        steps, warm_up = case["epochs"] * case["steps_per_epoch"], case["warm_up_steps"]
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=case["learning_rate"])
        on = torch.optim.lr_scheduler
        if case["schedule"] == "step":
            every = case["decay_epochs"] * case["steps_per_epoch"]
            scheduler = on.StepLR(optimizer, every, case["decay_factor"])
        elif warm_up == 1:
            scheduler = on.ConstantLR(optimizer, factor=1.0)
        else:
            scheduler = on.LinearLR(optimizer, start_factor=1 / warm_up, total_iters=warm_up - 1)
            if case["schedule"] == "cosine":
                descent = on.CosineAnnealingLR(optimizer, T_max=steps - warm_up)
                scheduler = on.SequentialLR(optimizer, [scheduler, descent], milestones=[warm_up])
        rates = []
        for _ in range(steps):
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            scheduler.step()
        cases.append({**case, "rates": rates})
    write("schedules.json", cases)


# ------------------------------------------------------------------------------------------- BLEU


def bleu():
    generator = torch.Generator().manual_seed(7)

    def draw(count):
        return torch.randint(count, (1,), generator=generator).item()

    def noisy(words):
        return [w if draw(5) else "abcdefgh"[draw(8)] for w in words if draw(8)]

    corpus = []
    for _ in range(20):
        original = ["abcdefgh"[draw(8)] for _ in range(draw(12) + 1)]
        corpus.append((noisy(original), [original, *(noisy(original) for _ in range(draw(3)))]))
    cases = [
        ("one reference each", [
            ("the cat sat on the mat .", ["the cat sat on a mat ."]),
            ("a dog barks", ["a dog barks ."]),
        ]),
        ("several references, not equally many", [
            ("it is a guide to action", ["it is a guide to action that works", "it is the guide to action", "a guide"]),
            ("he read the book again", ["he read the book"]),
        ]),
        ("equally close references: the shorter counts", [("a b c d e f", ["a b c d e f g h", "a b c d"])]),
        ("repeated words match as often as in one reference", [
            ("the the the the the the the", ["the cat the mat the", "the the the the cat"]),
        ]),
        ("perfect", [("a b c d e", ["a b c d e"]), ("f g", ["f g"])]),
        ("no 4-gram match", [("a b c x d e f", ["a b c d e f g"])]),
        ("only single words match", [("a c e b d", ["e d c b a x y"])]),
        ("nothing matches", [("a b c d e", ["v w x y z"])]),
        ("too short for a 4-gram", [("a b c", ["a b c"]), ("d", ["d e"])]),
        ("short sentences beside a long one", [
            ("a b c", ["a b c d"]),
            ("d", ["d e"]),
            ("k l m n o", ["k l m n p"]),
        ]),
        ("an empty hypothesis among others", [("", ["a b c"]), ("d e f g h", ["d e f g h"])]),
        ("only empty hypotheses", [("", ["a b c"]), ("", ["d"])]),
        ("longer than the references", [("a b c d e f g h", ["a b c d e", "b c d e f g"])]),
        ("words beyond ASCII", [("¿ dónde está el baño ?", ["¿ dónde está el cuarto de baño ?"])]),
    ]
    cases = [(name, [(h.split(), [r.split() for r in refs]) for h, refs in rows]) for name, rows in cases]
    cases.append(("twenty random sentences", corpus))
    metric = sacrebleu.BLEU(tokenize="none", force=True)
    written = []
    for name, rows in cases:
        hypotheses = [" ".join(hypothesis) for hypothesis, _ in rows]
        # sacreBLEU wants a stream for each reference number, None where a sentence has fewer.
        streams = list(itertools.zip_longest(*([" ".join(r) for r in refs] for _, refs in rows)))
        written.append({
            "name": name,
            "hypotheses": [hypothesis for hypothesis, _ in rows],
            "references": [refs for _, refs in rows],
            "score": metric.corpus_score(hypotheses, streams).score,
        })
    write("bleu.json", written)


# ------------------------------------------------------------------------------------ beam search


def normalised(log_probability, length, length_penalty):
    return log_probability / length**length_penalty


def beam_search(table, width, length_penalty, max_output):
    """The best hypotheses as (score, log probability, tokens, finished), best first, and the number
    of steps taken."""
    finished, living = [], [(0.0, [])]
    for length in range(1, max_output + 1):
        continuations = []
        for log_probability, tokens in living:
            before, last = [START, START, *tokens][-2:]
            for token, log in enumerate(table[before][last]):
                if token not in (PAD, START):
                    continuations.append((log_probability + log, [*tokens, token]))
        continuations = sorted(continuations, reverse=True)[:width]
        finished += [
            (normalised(log, length, length_penalty), log, tokens[:-1], True)
            for log, tokens in continuations
            if tokens[-1] == END
        ]
        finished = sorted(finished, reverse=True)[:width]
        living = [(log, tokens) for log, tokens in continuations if tokens[-1] != END]
        if not living:
            break
        reachable = normalised(living[0][0], length + 1, length_penalty)
        if len(finished) == width and finished[-1][0] >= reachable:
            break
    cut = [(normalised(log, len(tokens), length_penalty), log, tokens, False) for log, tokens in living]
    return finished or cut, length


def exhaustive_search(table, length_penalty, max_output):
    """All finished hypotheses of at most so many tokens, best first."""
    words = [token for token in range(len(table)) if token not in (PAD, START, END)]
    found = []
    for length in range(1, max_output + 1):
        for tokens in itertools.product(words, repeat=length - 1):
            path = [START, START, *tokens, END]
            log = sum(table[a][b][c] for a, b, c in zip(path, path[1:], path[2:]))
            found.append((normalised(log, length, length_penalty), log, list(tokens), True))
    return sorted(found, reverse=True)


def beam():
    vocabulary = 7
    logits = random(vocabulary, vocabulary, vocabulary, scale=1.5)
    logits[:, :, END] -= 0.5
    table = plain(logits.log_softmax(-1).tolist())

    def entry(width, length_penalty, max_output, found):
        names = ("score", "log_probability", "tokens", "finished")
        return {
            "width": width,
            "length_penalty": length_penalty,
            "max_output": max_output,
            "hypotheses": [dict(zip(names, hypothesis)) for hypothesis in found],
        }

    searches = []
    for options in itertools.product((1, 2, 3, 5, 10), (0.0, 0.6, 1.0, 2.0), (2, 8, 40)):
        found, calls = beam_search(table, *options)
        searches.append({**entry(*options, found), "calls": calls})
    # So wide a beam drops nothing within five tokens: it must find what trying all finds.
    exhaustive = [
        entry(2000, length_penalty, 5, exhaustive_search(table, length_penalty, 5)[:5])
        for length_penalty in (0.0, 0.6, 1.0, 2.0)
    ]
    for length_penalty in (0.0, 1.0):
        scores = [beam_search(table, width, length_penalty, 8)[0][0][0] for width in (1, 5)]
        assert scores[0] < scores[1], "choose a table on which a beam beats greedy search"
    write("beam.json", {
        "pad": PAD,
        "start": START,
        "end": END,
        "table": table,
        "searches": searches,
        "exhaustive": exhaustive,
    })


# -------------------------------------------------------------------------------------- skip-gram


def skip_gram():
    """Skip-gram with negative sampling, as nn.Embedding and F.logsigmoid have it. The first of each
    pair's candidates is its neighbour, the others are negatives."""
    vocabulary, size, pairs, negatives = 9, 5, 7, 3
    start = {"vectors": random(vocabulary, size), "contexts": random(vocabulary, size)}
    centres = torch.randint(vocabulary, (pairs,))
    candidates = torch.randint(vocabulary, (pairs, 1 + negatives))

    def loss(weights):
        vectors = F.embedding(centres, weights["vectors"])
        contexts = F.embedding(candidates, weights["contexts"])
        logits = torch.einsum("pcs,ps->pc", contexts, vectors)
        nats = -F.logsigmoid(logits[:, 0]).sum() - F.logsigmoid(-logits[:, 1:]).sum()
        return nats, (logits[:, 0] > logits[:, 1:].max(1).values).sum()

    weights = {name: value.clone().requires_grad_() for name, value in start.items()}
    nats, correct = loss(weights)
    (nats / pairs).backward()
    trained = {name: value.clone().requires_grad_() for name, value in start.items()}
    optimizer = torch.optim.Adam(trained.values(), lr=0.05)
    losses = []
    for _ in range(10):
        optimizer.zero_grad()
        mean = loss(trained)[0] / pairs
        losses.append(mean)
        mean.backward()
        optimizer.step()
    write("skip_gram.json", {
        "weights": start,
        "centres": centres.tolist(),
        "candidates": candidates.flatten().tolist(),
        "sum": nats,
        "correct": correct,
        "mean_gradients": gradients(weights),
        "adam": {"learning_rate": 0.05, "losses": [mean.item() for mean in losses]},
    })


if __name__ == "__main__":
    for seed, make in enumerate([cells, attention, masked_loss, optimizers, seq2seq, schedules, bleu, beam, skip_gram]):
        torch.manual_seed(seed)
        make()
