/** A model as a Keras script. */

import type { Config } from "../protocol";
import type { Header } from "./header";
import { type Framework, hasEmbedding, script } from "./python";

const FRAMEWORK: Framework = {
  name: "Keras",
  packages: "keras safetensors numpy tensorflow",
  note: "          (or jax or torch in place of tensorflow, with its name in the environment variable KERAS_BACKEND)",
  imports,
  tensors: "np",
  network,
};

/** The name of the library, as in the names of scripts. */
export const KERAS = FRAMEWORK.name;

/** A script that rebuilds the network of the model file with this header in Keras 3. */
export function keras(header: Header, file: string): string {
  return script(FRAMEWORK, header, file);
}

function imports(body: string): string[] {
  return [
    "import keras",
    "import numpy as np",
    `from keras import layers${/\bops\./.test(body) ? ", ops" : ""}`,
    "from safetensors import safe_open",
  ];
}

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

const LAYERS: Record<Config["cell"], string> = { lstm: "LSTM", gru: "GRU", rnn: "SimpleRNN" };
/** States that a layer carries from step to step: an LSTM has its memory besides. */
const STATES: Record<Config["cell"], number> = { lstm: 2, gru: 1, rnn: 1 };

function reading(precision: Header["precision"]): string {
  switch (precision) {
    case "F32":
      return `def weight(name):
    return weights[f"model.{name}"]`;
    case "F16":
      return `def weight(name):
    return weights[f"model.{name}"].astype("float32")`;
    case "I8":
      return `def weight(name):
    """A weight. Those that are stored as whole numbers have a factor for each column."""
    values, scale = weights[f"model.{name}"], weights.get(f"scale.model.{name}")
    return values.astype("float32") if scale is None else values * scale`;
  }
}

/** Functions that make recurrent layers and fetch weights. */
function loading({ config, precision }: Header): string {
  const { cell, activation } = config;
  const layout = {
    lstm: "[input, 4 * hidden], gates i, f, g (c in Keras), o, one bias",
    gru: "[input, 3 * hidden], gates z, r, h, two biases [2, 3 * hidden]",
    rnn: "[input, hidden], one bias",
  }[cell];
  const kind = cell === "rnn" && activation === "relu" ? ', activation="relu"' : "";
  return `${reading(precision)}


def stack():
    """Recurrent layers, each of which gives its states at every time step, and the last one apart."""
    return [layers.${LAYERS[cell]}(HIDDEN${kind}, return_sequences=True, return_state=True) for _ in range(LAYERS)]


def load_stack(stack, name):
    """Keras and Unrolled have the same layout: ${layout}."""
    for number, layer in enumerate(stack):
        layer.set_weights([weight(f"{name}.layers.{number}.{part}") for part in ("input", "recurrent", "bias")])


def load_dense(layer, name):
    """The same layout again: [input, output]."""
    layer.set_weights([weight(f"{name}.weight"), weight(f"{name}.bias")])`;
}

/** Runs \`stack\` on x, from the states \`states\` on. */
function walk(cell: Config["cell"], stack: string, states: string, into: string): string {
  return STATES[cell] === 2
    ? `for number, layer in enumerate(${stack}):
    x, *state = layer(x, initial_state=${states}[2 * number : 2 * number + 2])  # hidden state, cell state
    ${into} += state`
    : `for layer, state in zip(${stack}, ${states}):
    x, state = layer(x, initial_state=state)
    ${into}.append(state)`;
}

function embedded(embeds: boolean, layer: string, ids: string, tokens: string): string {
  return embeds ? `${layer}(${ids})` : `ops.one_hot(${ids}, len(${tokens}))`;
}

function seq2seq(header: Header): string {
  const { config } = header;
  const { cell, attention } = config;
  const shared = config.task === "chat";
  const [source, target] = shared ? ["tokens", "tokens"] : ["source_tokens", "target_tokens"];
  const [sourceTable, targetTable] = shared ? ["embedding", "embedding"] : ["source_embedding", "target_embedding"];
  const embeds = hasEmbedding(config);
  const attends = attention !== "none";
  const tables = !embeds
    ? ""
    : shared
      ? "embedding = layers.Embedding(len(tokens), EMBEDDING)  # of questions and of replies\n"
      : `source_embedding = layers.Embedding(len(source_tokens), EMBEDDING)
target_embedding = layers.Embedding(len(target_tokens), EMBEDDING)
`;
  const count = STATES[cell] === 2 ? "2 * LAYERS" : "LAYERS";
  const { make, use, load } = looking(attention);
  const loads = [
    ...(embeds ? [...new Set([sourceTable, targetTable])].map((name) => loadTable(name)) : []),
    'load_stack(encoder_layers, "encoder")',
    'load_stack(decoder_layers, "decoder")',
    ...load,
    'load_dense(output, "output")',
  ];
  return `${loading(header)}


# One network reads a sentence, token ids [batch, source time], padded with PAD ...
${tables}encoder_layers, decoder_layers = stack(), stack()
source = keras.Input((None,), dtype="int32")
mask = ops.not_equal(source, PAD)
x = ${embedded(embeds, sourceTable, "source", source)}
last = []
for layer in encoder_layers:
    x, *state = layer(x, mask=mask)  # behind a sentence's end the state stays as it is
    last += state
encoder = keras.Model(source, [x, *last])

# ... and a second one writes from the states that it ends in: token ids [batch, time] to logits [batch, time, tokens].
target = keras.Input((None,), dtype="int32")
states = [keras.Input((HIDDEN,)) for _ in range(${count})]
x = ${embedded(embeds, targetTable, "target", target)}
after = []
${walk(cell, "decoder_layers", "states", "after")}
${make}${use}output = layers.Dense(len(${target}))
decoder = keras.Model([target, *states${attends ? ", memory, source" : ""}], [output(x), *after])

${loads.join("\n")}


def start(ids):
    """Reads token ids; returns where the decoder begins."""
    source = np.array([ids])
${
  attends
    ? `    memory, *states = encoder.predict_on_batch(source)
    return states, memory, source`
    : `    _, *states = encoder.predict_on_batch(source)
    return states`
}


def step(token, state):
    """Reads one token; returns the logits of the next one, and where the decoder stands then."""
${
  attends
    ? `    states, memory, source = state
    logits, *states = decoder.predict_on_batch([np.array([[token]]), *states, memory, source])
    return logits[0, -1].tolist(), (states, memory, source)`
    : `    logits, *state = decoder.predict_on_batch([np.array([[token]]), *state])
    return logits[0, -1].tolist(), state`
}`;
}

const loadTable = (name: string) => `${name}.set_weights([weight("${name}.weight")])`;

/** Attention: its layers, how they are used, and how their weights are loaded. */
function looking(attention: Config["attention"]): { make: string; use: string; load: string[] } {
  if (attention === "none") return { make: "", use: "", load: [] };
  const project = (name: string) => `${name} = layers.Dense(HIDDEN, use_bias=False)\n`;
  const [projections, layer, inputs, load] = {
    dot: ["", "layers.Attention()", "[x, memory]", []],
    general: [
      project("general"),
      "layers.Attention()",
      "[general(x), memory]",
      ['general.set_weights([weight("attention.score.weight")])'],
    ],
    additive: [
      project("query") + project("key"),
      "layers.AdditiveAttention()",
      "[query(x), memory, key(memory)]",
      [
        'query.set_weights([weight("attention.score.query")])',
        'key.set_weights([weight("attention.score.key")])',
        'attention.set_weights([weight("attention.score.vector")[:, 0]])',
      ],
    ],
  }[attention] as [string, string, string, string[]];
  return {
    make: `
# It looks back at the encoder's states [batch, source time, hidden], but not at padding.
memory = keras.Input((None, HIDDEN))
${projections}attention = ${layer}
combine = layers.Dense(HIDDEN, activation="tanh")
`,
    use: `context = attention(${inputs}, mask=[None, mask])  # [batch, time, hidden]
x = combine(ops.concatenate([x, context], axis=-1))

`,
    load: [...load, 'load_dense(combine, "attention.combine")'],
  };
}

function languageModel(header: Header): string {
  const { config, styles } = header;
  const { cell } = config;
  const mixed = styles.length > 1;
  const embeds = hasEmbedding(config);
  const count = STATES[cell] === 2 ? "2 * LAYERS" : "LAYERS";
  const tables = [
    embeds ? "embedding = layers.Embedding(len(tokens), EMBEDDING)\n" : "",
    mixed ? "style = layers.Dense(STYLE, use_bias=False)  # a mixture of the styles' vectors\n" : "",
  ].join("");
  const mixing = mixed
    ? `blend = keras.Input((len(styles),))  # how much of each style
mixture = ops.ones_like(x[:, :, :1]) * style(blend)[:, None]  # the same at every step: [batch, time, style]
x = ops.concatenate([x, mixture], axis=-1)
`
    : "";
  const loads = [
    ...(embeds ? [loadTable("embedding")] : []),
    ...(mixed ? [loadTable("style")] : []),
    'load_stack(recurrent, "recurrent")',
    'load_dense(output, "output")',
  ];
  return `${loading(header)}


# From token ids [batch, time] and the states before them to the logits of each next token [batch, time, tokens].
${tables}recurrent = stack()
ids = keras.Input((None,), dtype="int32")
states = [keras.Input((HIDDEN,)) for _ in range(${count})]
x = ${embedded(embeds, "embedding", "ids", "tokens")}
${mixing}after = []
${walk(cell, "recurrent", "states", "after")}
output = layers.Dense(len(tokens))
model = keras.Model([ids, ${mixed ? "blend, " : ""}*states], [output(x), *after])

${loads.join("\n")}


def zeros(batch):
    """The states before the first token."""
    return [np.zeros((batch, HIDDEN), "float32") for _ in states]


def step(ids${mixed ? ", blend" : ""}, state=None):
    """Reads some tokens; returns the logits of the next one, and the states to go on from."""
    logits, *state = model.predict_on_batch([np.array([ids])${mixed ? ', np.array([blend], "float32")' : ""}, *(state or zeros(1))])
    return logits[0, -1].tolist(), state`;
}

function classifier(header: Header): string {
  const last = header.config.pooling === "last";
  return `${loading(header)}


# From token ids [batch, time], padded with PAD, to logits [batch, classes].
embedding = layers.Embedding(len(tokens), EMBEDDING)
recurrent = stack()
output = layers.Dense(len(classes))
ids = keras.Input((None,), dtype="int32")
mask = ops.not_equal(ids, PAD)
x = embedding(ids)
for layer in recurrent:
    ${last ? "x, last, *_" : "x, *_"} = layer(x, mask=mask)  # behind a text's end the state stays as it is
${
  last
    ? "model = keras.Model(ids, output(last))"
    : `x = layers.GlobalAveragePooling1D()(x, mask=mask)  # the mean of a text's states
model = keras.Model(ids, output(x))`
}

${[loadTable("embedding"), 'load_stack(recurrent, "recurrent")', 'load_dense(output, "output")'].join("\n")}


def probabilities(ids):
    logits = model.predict_on_batch(np.array([ids]))[0]
    chances = np.exp(logits - logits.max())
    return (chances / chances.sum()).tolist()`;
}

function parity(header: Header): string {
  const { config } = header;
  const classes =
    config.framing === "count" ? `${config.bits + 1}  # from no ones to ${config.bits}` : "2  # even, odd";
  return `CLASSES = ${classes}


${loading(header)}


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
    return model.predict_on_batch(numbers)[0].tolist()`;
}

function skipGram(header: Header): string {
  return `${reading(header.precision)}


# Two vectors for every word: one for itself, one for standing near others. From the ids of words [pairs] and of
# candidates [pairs, candidates] to the logits of each candidate's standing near the word.
vectors = layers.Embedding(len(words), SIZE)
contexts = layers.Embedding(len(words), SIZE)
centres = keras.Input((), dtype="int32")
candidates = keras.Input((None,), dtype="int32")
logits = ops.sum(contexts(candidates) * vectors(centres)[:, None], axis=-1)
model = keras.Model([centres, candidates], logits)

${[loadTable("vectors"), loadTable("contexts")].join("\n")}


def cosines(id):
    """The cosine of the angle between a word's vector and that of every word."""
    directions = keras.utils.normalize(weight("vectors.weight"))
    return (directions @ directions[id]).tolist()`;
}
