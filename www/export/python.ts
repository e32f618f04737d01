/** What the scripts for PyTorch and for Keras have in common: text to token ids and back, and how the network is used. */

import type { Config } from "../protocol";
import type { Header } from "./header";

/** A library that a script is written for. */
export interface Framework {
  name: string;
  /** What pip installs. */
  packages: string;
  /** What else there is to say about installing, in a sentence. */
  note?: string;
  /** The lines that import what a script with this body needs. */
  imports(body: string): string[];
  /** How safetensors hands out tensors. */
  tensors: "pt" | "np";
  /** The network with its weights, and the functions that `usage` calls. */
  network(header: Header): string;
}

const TITLES: Record<Config["task"], string> = {
  translation: "A translator",
  parity: "A network for the parity of bits",
  generation: "A writer",
  chat: "A chat network",
  classification: "A classifier of texts",
  vectors: "Word vectors",
};

const WORDS: Record<Config["task"], string> = {
  translation: '"a sentence"',
  parity: "1011001",
  generation: '"a beginning"',
  chat: '"a message"',
  classification: '"a text"',
  vectors: "a-word",
};

const CELLS: Record<Config["cell"], string> = { lstm: "LSTM", gru: "GRU", rnn: "Simple RNN" };

/** A script that rebuilds the network of a model file with this header. The file is to lie beside it. */
export function script(framework: Framework, header: Header, file: string): string {
  const body = [text(header), framework.network(header), usage(header)].filter(Boolean).join("\n\n\n");
  const used = (name: string) => new RegExp(`\\b${name}\\.`).test(body);
  const standard = ["bisect", "itertools", "math", "random", "re", "unicodedata"].filter(used);
  return `"""${TITLES[header.config.task]} that was trained with Unrolled, rebuilt in ${framework.name}.

${describe(header)}

The weights are read from ${file}, which must lie in the same folder.
Install:  pip install ${framework.packages}${framework.note ? `\n${framework.note}` : ""}
Run:      python ${scriptName(file, framework.name)} ${WORDS[header.config.task]}
"""

${["json", "sys", ...standard]
  .sort()
  .map((name) => `import ${name}`)
  .join("\n")}
from pathlib import Path

${framework.imports(body).join("\n")}

${constants(header)}

# Weights by name, and beside them the settings and the vocabularies.
with safe_open(Path(__file__).with_name("${file}"), framework="${framework.tensors}") as file:
    header = json.loads(file.metadata()["unrolled"])
    weights = {name: file.get_tensor(name) for name in file.keys()}

${body}
`;
}

/** The name of the script beside a model file. */
export function scriptName(file: string, framework: string): string {
  return file.replace(/\.safetensors$/, `-${framework.toLowerCase()}.py`);
}

/** The network in a sentence. */
function describe({ config, styles }: Header): string {
  const { task, cell, layers, hidden, embedding } = config;
  if (task === "vectors") return `${embedding} numbers for each word, learnt by skip-gram with negative sampling.`;
  const kind = cell === "rnn" ? `${CELLS[cell]} (${config.activation})` : CELLS[cell];
  const parts = [`${kind}, ${layers === 1 ? "one layer" : `${layers} layers`} of ${hidden}`];
  if (hasEmbedding(config)) parts.push(`embedding of ${embedding}`);
  else if (task !== "parity") parts.push("one-hot input");
  if (isSeq2Seq(config)) parts.push(config.attention === "none" ? "no attention" : `${config.attention} attention`);
  if (styles.length > 1) parts.push(`${styles.length} styles`);
  if (task === "classification") parts.push(`verdict from the ${config.pooling} of the states`);
  return `${parts.join("; ")}.`;
}

/** Whether tokens enter as learnt vectors. */
export function hasEmbedding({ task, input }: Config): boolean {
  return task === "classification" || (task !== "parity" && input === "embedding");
}

/** Whether one network reads and another one writes. */
export function isSeq2Seq({ task }: Config): boolean {
  return task === "translation" || task === "chat";
}

function constants({ config, shapes }: Header): string {
  const lines: string[] = [];
  const { task } = config;
  if (task === "vectors") return `SIZE = ${config.embedding}  # numbers of a word's vector`;
  lines.push(`HIDDEN = ${config.hidden}  # numbers in a hidden state`, `LAYERS = ${config.layers}`);
  if (hasEmbedding(config)) lines.push(`EMBEDDING = ${config.embedding}  # numbers of a token's vector`);
  const style = shapes.get("model.style.weight")?.[1];
  if (style) lines.push(`STYLE = ${style}  # numbers of a style's vector`);
  if (task === "classification") lines.push(`CUT = ${config.cut_to}  # tokens of a text that are read`);
  if (isSeq2Seq(config)) lines.push(`LONGEST = ${config.max_output}  # tokens of an answer`);
  if (samples(config) && config.temperature > 0) {
    lines.push(`TEMPERATURE = ${config.temperature}  # low takes what is likely, high takes risks`);
    if (config.top_k > 0) lines.push(`TOP_K = ${config.top_k}  # tokens to draw from`);
    if (task === "chat" && config.first_top_k > 0) lines.push(`FIRST_TOP_K = ${config.first_top_k}  # at first`);
    if (config.top_p < 1)
      lines.push(`TOP_P = ${config.top_p}  # draw from the likeliest with this probability together`);
  }
  return lines.join("\n");
}

/** Whether what it says is drawn at random. */
function samples({ task }: Config): boolean {
  return task === "generation" || task === "chat";
}

/** Vocabularies, and text to tokens and back. */
function text({ config, scripts }: Header): string {
  const { task, level } = config;
  if (task === "parity") return "";
  if (task === "vectors") {
    return `words = header["vocabularies"]["words"]  # the word of each id; the first four are special
word_ids = {word: id for id, word in enumerate(words)}`;
  }
  const vocabulary =
    task === "translation"
      ? `source_tokens = header["vocabularies"]["source"]  # the token of each id
target_tokens = header["vocabularies"]["target"]
source_ids = {token: id for id, token in enumerate(source_tokens)}`
      : `tokens = header["vocabularies"]["vocabulary"]  # the token of each id
token_ids = {token: id for id, token in enumerate(tokens)}`;
  const extra =
    task === "classification"
      ? `\nclasses = header["vocabularies"]["classes"]`
      : task === "generation"
        ? `\nstyles = header["vocabularies"]["styles"]`
        : "";
  const special = "PAD, UNK, START, END = range(4)  # every vocabulary begins with these";
  const words = level === "word" && scripts ? `\n${RANGES}` : "";
  const parts = [`${special}\n${vocabulary}${extra}${words}`, tokenize(config, scripts)];
  if (task !== "classification") parts.push(join(level, task === "generation", scripts));
  return parts.join("\n\n\n");
}

/** Characters of which each is a word, and those that bring their own space along. */
const RANGES = `# Han, kana and Thai have no spaces between words: every character is one.
UNSPACED = (
    "[\\u0e01-\\u0e3a\\u0e40-\\u0e5b\\u3005-\\u3007\\u3021-\\u3029\\u3041-\\u3096\\u3099-\\u30ff\\u31f0-\\u31ff"
    "\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff\\uff66-\\uff9f\\U00020000-\\U0003ffff]"
)
WIDE = "[\\u3000-\\u3004\\u3008-\\u3020\\uff01-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65]"  # their punctuation`;

function tokenize(config: Config, scripts: boolean): string {
  const lower = config.task === "chat" ? config.lowered !== "none" : config.lowercase;
  const clean = config.task === "chat" ? cleaning(config) : "";
  const normal = `unicodedata.normalize("NFC", text${lower ? ".lower()" : ""})`;
  if (config.level === "char") {
    return `def tokenize(text):
    """Every character is a token."""
${clean}    return list(${normal})`;
  }
  if (scripts) {
    return `def tokenize(text):
    """Words with their marks, and every other symbol by itself."""
${clean}    found, before = [], "space"
    for c in ${normal}:
        if c.isspace():
            kind = "space"
        elif re.match(UNSPACED, c):
            kind = "single"
        elif unicodedata.category(c).startswith("M") or c in "\\u200c\\u200d":
            kind = "mark"
        else:
            kind = "word" if c.isalnum() or c in "_'’" else "single"
        if kind == before == "word" or (kind == "mark" and before != "space"):
            found[-1] += c
        elif kind != "space":
            found.append(c)
        if kind != "mark" or before == "space":
            before = kind
    return found`;
  }
  return `def tokenize(text):
    """Words, and every other symbol by itself."""
${clean}    return re.findall(r"[\\w'’]+|[^\\w\\s]", ${normal})`;
}

/** Takes out of messages what was taken out of those that it was trained on. */
function cleaning({ drop_emoji, drop_links }: Config): string {
  const lines: string[] = [];
  if (drop_links) lines.push('    text = re.sub(r"\\S*://\\S*|\\bwww\\.\\S*", "", text)  # no links\n');
  if (drop_emoji) {
    lines.push('    text = re.sub("[\\u2600-\\u27bf\\ufe0f\\U0001f000-\\U0001faff]", "", text)  # no emoji\n');
  }
  return lines.join("");
}

function join(level: Config["level"], running: boolean, scripts: boolean): string {
  if (level === "char") {
    return `def join(tokens):
    return "".join(tokens)`;
  }
  const lines = [
    running ? `    text = re.sub(r" *(\\n+) *", r"\\1", text)\n` : "",
    scripts ? `    text = re.sub(f"(?<={UNSPACED}) (?={UNSPACED})| ?({WIDE}) ?", r"\\1", text)\n` : "",
  ].join("");
  return `def join(tokens):
    """Words as a person would write them: no space in front of a comma, nor behind a bracket that opens."""
    text = " ".join(tokens)
${lines}    text = re.sub(r" ([,.!?;:)\\]}»”%…])", r"\\1", text)
    return re.sub(r"([(\\[{¿¡«“„$£#]) ", r"\\1", text)`;
}

/** A function that chooses the next token from the logits of all. */
function choosing(config: Config): string {
  if (!samples(config) || config.temperature === 0) {
    return `def choose(logits):
    """The likeliest token."""
    return max(range(len(logits)), key=logits.__getitem__)`;
  }
  const first = config.task === "chat" && config.first_top_k > 0;
  const limited = config.top_k > 0 || first;
  const fallback = config.top_k > 0 ? "TOP_K" : "None";
  const ranked = limited || config.top_p < 1;
  const lines = [
    `def choose(logits${limited ? `, top_k=${fallback}` : ""}):`,
    `    """A token drawn at random, the likelier the oftener."""`,
    "    highest = max(logits)",
    "    chances = [math.exp((logit - highest) / TEMPERATURE) for logit in logits]",
  ];
  if (!ranked) lines.push("    return random.choices(range(len(chances)), chances)[0]");
  else {
    lines.push(
      `    best = sorted(range(len(chances)), key=chances.__getitem__, reverse=True)${limited ? "[:top_k]" : ""}`,
    );
    if (config.top_p < 1) {
      lines.push(
        "    sums = list(itertools.accumulate(chances[token] for token in best))",
        "    best = best[: bisect.bisect_left(sums, TOP_P * sums[-1]) + 1]",
      );
    }
    lines.push("    return random.choices(best, [chances[token] for token in best])[0]");
  }
  return lines.join("\n");
}

/** What the network is for: a function, and a call of it with what stands behind the script's name. */
function usage(header: Header): string {
  const { config } = header;
  switch (config.task) {
    case "translation":
      return `${choosing(config)}


def translate(sentence):
    """The translation, token by token."""
${answer("sentence", "source_ids", "target_tokens", false)}


${main("A sentence to translate: ", "translate(asked)")}`;
    case "chat":
      return `${choosing(config)}


def reply(message):
    """A reply, token by token."""
${answer("message", "token_ids", "tokens", config.temperature > 0 && config.first_top_k > 0)}


${main("You say: ", "reply(asked)")}`;
    case "generation":
      return writing(header);
    case "classification": {
      const cut = config.cut_from === "front" ? "[-CUT:]" : "[:CUT]";
      return `def classify(text):
    """The probability of each class."""
    ids = [token_ids.get(token, UNK) for token in tokenize(text)${cut}]
    return dict(zip(classes, probabilities(ids or [UNK])))


${main("A text: ", "classify(asked)")}`;
    }
    case "parity":
      return config.framing === "count"
        ? `def parity(bits):
    """Whether the number of ones in a string of bits is even or odd, from how many there seem to be."""
    logits = read(bits)[-1]  # after the last bit, a class for each number of ones
    ones = max(range(len(logits)), key=logits.__getitem__)
    return "odd" if ones % 2 else "even"


${main("Bits: ", "parity(asked)")}`
        : `def parity(bits):
    """Whether the number of ones in a string of bits is even or odd."""
    even, odd = read(bits)[-1]  # after the last bit
    return "odd" if odd > even else "even"


${main("Bits: ", "parity(asked)")}`;
    case "vectors":
      return `def nearest(word, count=5):
    """The words whose vectors point most nearly the same way, with the cosine of the angle."""
    cosine = cosines(word_ids[word])
    others = [id for id in range(4, len(words)) if words[id] != word]
    others.sort(key=cosine.__getitem__, reverse=True)
    return {words[id]: round(cosine[id], 3) for id in others[:count]}


${main("A word: ", "nearest(asked)")}`;
  }
}

/** Reads `heard`, and says token by token what the decoder makes of it. */
function answer(heard: string, ids: string, tokens: string, first: boolean): string {
  const next = first ? "choose(logits) if said else choose(logits, FIRST_TOP_K)" : "choose(logits)";
  return `    state = start([${ids}.get(token, UNK) for token in tokenize(${heard})] or [UNK])
    token, said = START, []
    while token != END and len(said) < LONGEST:
        logits, state = step(token, state)
        logits[PAD] = logits[START] = -math.inf  # never said
        token = ${next}
        said.append(${tokens}[token])
    return join(said[:-1] if token == END else said)`;
}

function writing({ config, styles, several }: Header): string {
  const mixed = styles.length > 1;
  const length = config.sample_length;
  const blend = mixed ? ", blend" : "";
  const about = mixed
    ? `    """Writes on from a beginning. \`blend\` says how much of each style, together 1; all of the first if it is None."""
    blend = blend or [1.0] + [0.0] * (len(styles) - 1)`
    : `    """Writes on from a beginning."""`;
  // One text never ended while it was trained on; several did, and each began with <start>.
  const never = several ? "PAD, UNK, END" : "PAD, UNK, START, END";
  const said = several
    ? `["\\n\\n" if token == START else tokens[token] for token in written]`
    : "[tokens[token] for token in written]";
  const ids = several
    ? "[START] + [token_ids.get(token, UNK) for token in seed]"
    : "[token_ids.get(token, UNK) for token in seed] or [START]";
  return `${choosing(config)}


def write(beginning, count=${length}${mixed ? ", blend=None" : ""}):
${about}
    seed = tokenize(beginning)
    logits, state = step(${ids}${blend})
    written = []
    while len(written) < count:
        for token in (${never}):
            logits[token] = -math.inf  # never written
        written.append(choose(logits))
        logits, state = step(written[-1:]${blend}, state)
    return join(seed + ${said})


${main("A beginning: ", "write(asked)")}`;
}

function main(prompt: string, call: string): string {
  return `if __name__ == "__main__":
    asked = " ".join(sys.argv[1:]) or input("${prompt}")
    print(${call})`;
}
