/** A model as a PyTorch script. */

import type { Config } from "../protocol";
import type { Header } from "./header";
import { type Framework, hasEmbedding, script } from "./python";

const FRAMEWORK: Framework = {
  name: "PyTorch",
  packages: "torch safetensors numpy",
  imports,
  tensors: "pt",
  network,
};

/** A script that rebuilds the network of the model file with this header in PyTorch. */
export function pytorch(header: Header, file: string): string {
  return script(FRAMEWORK, header, file);
}

function imports(body: string): string[] {
  const lines = ["import torch"];
  if (body.includes("F.")) lines.push("import torch.nn.functional as F");
  lines.push("from safetensors import safe_open", "from torch import nn");
  const packing = ["pack_padded_sequence", "pad_packed_sequence"].filter((name) => body.includes(name));
  if (packing.length > 0) lines.push(`from torch.nn.utils.rnn import ${packing.join(", ")}`);
  return lines;
}

/** The name of the library, as in the names of scripts. */
export const PYTORCH = FRAMEWORK.name;

function network(header: Header): string {
  switch (header.config.task) {
    case "translation":
    case "chat":
      return seq2seq(header);
    case "generation":
      return languageModel(header);
    case "classification":
      return classifier(header);
    case "parity":
      return parity(header);
    case "vectors":
      return skipGram(header);
  }
}

const LAYERS: Record<Config["cell"], string> = { lstm: "LSTM", gru: "GRU", rnn: "RNN" };

/** Recurrent layers that read so many numbers. */
function recurrent({ cell, activation }: Config, input: string): string {
  const kind = cell === "rnn" && activation === "relu" ? ', nonlinearity="relu"' : "";
  return `nn.${LAYERS[cell]}(${input}, HIDDEN, LAYERS${kind}, batch_first=True)`;
}

/** Functions that fetch weights as PyTorch wants them. */
function loading({ config, precision }: Header): string {
  const dense = `def dense(name):
    """A dense layer: [input, output] in Unrolled, [output, input] in PyTorch."""
    return {"weight": weight(f"{name}.weight").T, "bias": weight(f"{name}.bias")}`;
  return [reading(precision), stack(config.cell), dense].join("\n\n\n");
}

function reading(precision: Header["precision"]): string {
  switch (precision) {
    case "F32":
      return `def weight(name):
    return weights[f"model.{name}"]`;
    case "F16":
      return `def weight(name):
    return weights[f"model.{name}"].float()`;
    case "I8":
      return `def weight(name):
    """A weight. Those that are stored as whole numbers have a factor for each column."""
    values, scale = weights[f"model.{name}"], weights.get(f"scale.model.{name}")
    return values.float() if scale is None else values * scale`;
  }
}

function stack(cell: Config["cell"]): string {
  if (cell === "gru") {
    return `def gates(columns):
    """Unrolled's gates z, r, h in PyTorch's order r, z, n: [..., 3 * hidden]."""
    z, r, h = columns.chunk(3, dim=-1)
    return torch.cat([r, z, h], dim=-1)


def stack(name):
    """Recurrent layers. Unrolled has [input, 3 * hidden], PyTorch [3 * hidden, input], and both two biases."""
    state = {}
    for layer in range(LAYERS):
        path = f"{name}.layers.{layer}"
        bias = weight(f"{path}.bias")  # [2, 3 * hidden]: of the input, of the hidden state
        state[f"weight_ih_l{layer}"] = gates(weight(f"{path}.input")).T
        state[f"weight_hh_l{layer}"] = gates(weight(f"{path}.recurrent")).T
        state[f"bias_ih_l{layer}"] = gates(bias[0])
        state[f"bias_hh_l{layer}"] = gates(bias[1])
    return state`;
  }
  const [width, order] = cell === "lstm" ? ["4 * hidden", ", gates i, f, g, o in both"] : ["hidden", ""];
  return `def stack(name):
    """Recurrent layers. Unrolled has [input, ${width}], PyTorch [${width}, input]${order}.
    PyTorch adds up two biases, of which one stays zero here."""
    state = {}
    for layer in range(LAYERS):
        path = f"{name}.layers.{layer}"
        bias = weight(f"{path}.bias")  # [${width}]
        state[f"weight_ih_l{layer}"] = weight(f"{path}.input").T
        state[f"weight_hh_l{layer}"] = weight(f"{path}.recurrent").T
        state[f"bias_ih_l{layer}"] = bias
        state[f"bias_hh_l{layer}"] = torch.zeros_like(bias)
    return state`;
}

/** A layer of the network, and the Python expression for its weights. */
type Loaded = [layer: string, weights: string];

const table = (name: string): Loaded => [name, `{"weight": weight("${name}.weight")}`];
const square = (layer: string, name: string): Loaded => [layer, `{"weight": weight("${name}").T}`];
const dense = (layer: string, name = layer): Loaded => [layer, `dense("${name}")`];
const stacked = (name: string): Loaded => [name, `stack("${name}")`];

/** Makes the network and puts the weights into it. */
function make(name: string, layers: Loaded[]): string {
  const load = ([layer, weights]: Loaded) => `model.${layer}.load_state_dict(${weights})`;
  return [`model = ${name}()`, ...layers.map(load), "model.eval()"].join("\n");
}

function seq2seq(header: Header): string {
  const { config } = header;
  const shared = config.task === "chat";
  const [source, target] = shared ? ["tokens", "tokens"] : ["source_tokens", "target_tokens"];
  const [sourceTable, targetTable] = shared ? ["embedding", "embedding"] : ["source_embedding", "target_embedding"];
  const embeds = hasEmbedding(config);
  const attends = config.attention !== "none";
  const vectors = (ids: string, name: string, all: string) =>
    embeds ? `self.${name}(${ids})` : `F.one_hot(${ids}, len(${all})).float()`;
  const tables = !embeds
    ? ""
    : shared
      ? "        self.embedding = nn.Embedding(len(tokens), EMBEDDING)  # of questions and of replies\n"
      : `        self.source_embedding = nn.Embedding(len(source_tokens), EMBEDDING)
        self.target_embedding = nn.Embedding(len(target_tokens), EMBEDDING)
`;
  const width = (all: string) => (embeds ? "EMBEDDING" : `len(${all})`);
  const name = shared ? "Chat" : "Translator";
  const encode = attends
    ? `    def encode(self, source):
        """Reads token ids [batch, source time], padded with PAD.

        Returns the hidden states [batch, source time, hidden], and the last of each sentence's in all layers."""
        lengths = (source != PAD).sum(dim=1)
        vectors = ${vectors("source", sourceTable, source)}
        states, last = self.encoder(pack_padded_sequence(vectors, lengths, batch_first=True, enforce_sorted=False))
        memory, _ = pad_packed_sequence(states, batch_first=True, total_length=source.shape[1])
        return memory, last`
    : `    def encode(self, source):
        """Reads token ids [batch, source time], padded with PAD; returns each sentence's last state in all layers."""
        lengths = (source != PAD).sum(dim=1)
        vectors = ${vectors("source", sourceTable, source)}
        _, last = self.encoder(pack_padded_sequence(vectors, lengths, batch_first=True, enforce_sorted=False))
        return last`;
  const decode = attends
    ? `    def decode(self, target, state, memory, source):
        """Reads token ids [batch, time] from a state on; returns logits [batch, time, tokens] and the state after it."""
        hidden, state = self.decoder(${vectors("target", targetTable, target)}, state)
        return self.output(self.attend(hidden, memory, source)), state

    def forward(self, source, target):
        memory, state = self.encode(source)
        logits, _ = self.decode(target, state, memory, source)
        return logits`
    : `    def decode(self, target, state):
        """Reads token ids [batch, time] from a state on; returns logits [batch, time, tokens] and the state after it."""
        hidden, state = self.decoder(${vectors("target", targetTable, target)}, state)
        return self.output(hidden), state

    def forward(self, source, target):
        logits, _ = self.decode(target, self.encode(source))
        return logits`;
  const { init, method, weights } = attention(config);
  return `${loading(header)}


class ${name}(nn.Module):
    """One network reads a sentence into its state, and a second one writes from there, token by token."""

    def __init__(self):
        super().__init__()
${tables}        self.encoder = ${recurrent(config, width(source))}
        self.decoder = ${recurrent(config, width(target))}
${init}        self.output = nn.Linear(HIDDEN, len(${target}))

${encode}

${method}${decode}


${make(name, [
  ...(embeds ? [...new Set([sourceTable, targetTable])].map(table) : []),
  stacked("encoder"),
  stacked("decoder"),
  ...weights,
  dense("output"),
])}


@torch.no_grad()
def start(ids):
    """Reads token ids; returns where the decoder begins."""
    source = torch.tensor([ids])
    return ${attends ? "(*model.encode(source), source)" : "model.encode(source)"}


@torch.no_grad()
def step(token, state):
    """Reads one token; returns the logits of the next one, and where the decoder stands then."""
${
  attends
    ? `    memory, hidden, source = state
    logits, hidden = model.decode(torch.tensor([[token]]), hidden, memory, source)
    return logits[0, -1].tolist(), (memory, hidden, source)`
    : `    logits, state = model.decode(torch.tensor([[token]]), state)
    return logits[0, -1].tolist(), state`
}`;
}

/** Attention: its layers, its method, and how its weights are loaded. */
function attention({ attention }: Config): { init: string; method: string; weights: Loaded[] } {
  if (attention === "none") return { init: "", method: "", weights: [] };
  const [layers, score, weights]: [string[], string, Loaded[]] = {
    dot: [[], "        scores = queries @ memory.transpose(1, 2)  # [batch, time, source time]", []],
    general: [
      ["        self.general = nn.Linear(HIDDEN, HIDDEN, bias=False)"],
      "        scores = self.general(queries) @ memory.transpose(1, 2)  # [batch, time, source time]",
      [square("general", "attention.score.weight")],
    ],
    additive: [
      [
        "        self.query = nn.Linear(HIDDEN, HIDDEN, bias=False)",
        "        self.key = nn.Linear(HIDDEN, HIDDEN, bias=False)",
        "        self.vector = nn.Linear(HIDDEN, 1, bias=False)",
      ],
      `        both = self.query(queries)[:, :, None] + self.key(memory)[:, None]  # [batch, time, source time, hidden]
        scores = self.vector(both.tanh()).squeeze(-1)  # [batch, time, source time]`,
      ["query", "key", "vector"].map((name) => square(name, `attention.score.${name}`)),
    ],
  }[attention] as [string[], string, Loaded[]];
  const init = [...layers, "        self.combine = nn.Linear(2 * HIDDEN, HIDDEN)"].map((line) => `${line}\n`).join("");
  const method = `    def attend(self, queries, memory, source):
        """Looks back at the source from the decoder's states [batch, time, hidden]."""
${score}
        scores = scores.masked_fill((source == PAD)[:, None], -torch.inf)  # not at padding
        context = scores.softmax(dim=-1) @ memory  # [batch, time, hidden]
        return self.combine(torch.cat([queries, context], dim=-1)).tanh()

`;
  return { init, method, weights: [...weights, dense("combine", "attention.combine")] };
}

function languageModel(header: Header): string {
  const { config, styles } = header;
  const mixed = styles.length > 1;
  const embeds = hasEmbedding(config);
  const vectors = embeds ? "self.embedding(ids)" : "F.one_hot(ids, len(tokens)).float()";
  const width = `${embeds ? "EMBEDDING" : "len(tokens)"}${mixed ? " + STYLE" : ""}`;
  const tables = [
    embeds ? "        self.embedding = nn.Embedding(len(tokens), EMBEDDING)\n" : "",
    mixed ? "        self.style = nn.Embedding(len(styles), STYLE)\n" : "",
  ].join("");
  const forward = mixed
    ? `    def forward(self, ids, blend, state=None):
        """Reads token ids [batch, time] in mixed styles [batch, styles], from a state on, or from zeros.

        Returns the logits of each next token [batch, time, tokens], and the state behind the last."""
        style = (blend @ self.style.weight)[:, None].expand(-1, ids.shape[1], -1)  # [batch, time, style]
        vectors = torch.cat([${vectors}, style], dim=-1)
        hidden, state = self.recurrent(vectors, state)`
    : `    def forward(self, ids, state=None):
        """Reads token ids [batch, time] from a state on, or from zeros.

        Returns the logits of each next token [batch, time, tokens], and the state behind the last."""
        hidden, state = self.recurrent(${vectors}, state)`;
  return `${loading(header)}


class Writer(nn.Module):
    """Guesses each next token from all before it."""

    def __init__(self):
        super().__init__()
${tables}        self.recurrent = ${recurrent(config, width)}
        self.output = nn.Linear(HIDDEN, len(tokens))

${forward}
        return self.output(hidden), state


${make("Writer", [
  ...(embeds ? [table("embedding")] : []),
  ...(mixed ? [table("style")] : []),
  stacked("recurrent"),
  dense("output"),
])}


@torch.no_grad()
def step(ids${mixed ? ", blend" : ""}, state=None):
    """Reads some tokens; returns the logits of the next one, and the state to go on from."""
    logits, state = model(torch.tensor([ids])${mixed ? ", torch.tensor([blend])" : ""}, state)
    return logits[0, -1].tolist(), state`;
}

function classifier(header: Header): string {
  const { config } = header;
  const last = config.cell === "lstm" ? "_, (last, _)" : "_, last";
  const pooled =
    config.pooling === "last"
      ? `        ${last} = self.recurrent(packed)  # [layers, batch, hidden]
        return self.output(last[-1])`
      : `        states, _ = self.recurrent(packed)
        states, _ = pad_packed_sequence(states, batch_first=True)  # [batch, time, hidden], zero behind a text's end
        return self.output(states.sum(dim=1) / lengths[:, None])`;
  return `${loading(header)}


class Classifier(nn.Module):
    """Reads a text, and gives it a class by ${config.pooling === "last" ? "its last state" : "the mean of its states"}."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(len(tokens), EMBEDDING)
        self.recurrent = ${recurrent(config, "EMBEDDING")}
        self.output = nn.Linear(HIDDEN, len(classes))

    def forward(self, ids):
        """Token ids [batch, time], padded with PAD, to logits [batch, classes]."""
        lengths = (ids != PAD).sum(dim=1)
        packed = pack_padded_sequence(self.embedding(ids), lengths, batch_first=True, enforce_sorted=False)
${pooled}


${make("Classifier", [table("embedding"), stacked("recurrent"), dense("output")])}


@torch.no_grad()
def probabilities(ids):
    return model(torch.tensor([ids]))[0].softmax(dim=0).tolist()`;
}

function parity(header: Header): string {
  const { config } = header;
  const classes =
    config.framing === "count" ? `${config.bits + 1}  # from no ones to ${config.bits}` : "2  # even, odd";
  return `CLASSES = ${classes}


${loading(header)}


class Parity(nn.Module):
    """Reads bit by bit, and says after each what it knows."""

    def __init__(self):
        super().__init__()
        self.recurrent = ${recurrent(config, "1")}
        self.output = nn.Linear(HIDDEN, CLASSES)

    def forward(self, bits):
        """Bits [batch, time, 1], -1 for a zero and 1 for a one, to logits [batch, time, classes]."""
        hidden, _ = self.recurrent(bits)
        return self.output(hidden)


${make("Parity", [stacked("recurrent"), dense("output")])}


@torch.no_grad()
def read(bits):
    """A string of 0 and 1; the logits after every bit."""
    return model(torch.tensor([[[1.0 if bit == "1" else -1.0] for bit in bits]]))[0].tolist()`;
}

function skipGram(header: Header): string {
  return `${reading(header.precision)}


class SkipGram(nn.Module):
    """Two vectors for every word: one for itself, one for standing near others."""

    def __init__(self):
        super().__init__()
        self.vectors = nn.Embedding(len(words), SIZE)
        self.contexts = nn.Embedding(len(words), SIZE)

    def forward(self, centres, candidates):
        """Logits [pairs, candidates] of each candidate's standing near its centre, from ids."""
        return (self.contexts(candidates) @ self.vectors(centres)[:, :, None]).squeeze(-1)


${make("SkipGram", [table("vectors"), table("contexts")])}


@torch.no_grad()
def cosines(id):
    """The cosine of the angle between a word's vector and that of every word."""
    vectors = model.vectors.weight
    return torch.cosine_similarity(vectors[id], vectors).tolist()`;
}
