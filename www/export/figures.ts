/** The page's figures as drawings that stand alone. */

import type { ClassificationReport, ParityStep, Place, ReadText, TranslatedSentence } from "../../pkg/unrolled.js";
import type { Series } from "../curve";
import { count, percent } from "../format";
import type { OldRun, Run } from "../store";
import { COLOURS, type Field, heatMap, type Line, lineChart, type Picture, type Spot, spots } from "./picture";

export type Quantity = "loss" | "accuracy";

/** Loss or accuracy of a run over the epochs, earlier runs in grey, and in colours where they were chosen for comparison. */
export function curves(run: Run | undefined, old: OldRun[], quantity: Quantity): Picture {
  const points = (series: Series): Line["points"] => series.x.map((x, i) => [x, series[quantity][i] ?? 0]);
  const lines = old.flatMap(({ name, chosen, curve }, i): Line[] => {
    const colour = (chosen && COLOURS.series[i + 2]) || COLOURS.grey;
    return [
      { name, colour, thin: true, points: points(curve.train) },
      { colour, thin: true, dashed: true, points: points(curve.validation) },
    ];
  });
  if (run) {
    lines.push(
      { name: "training", colour: COLOURS.teal, points: points(run.curve.train) },
      { name: "validation", colour: COLOURS.orange, points: points(run.curve.validation) },
    );
  }
  return lineChart({
    title: quantity === "loss" ? "Loss" : "Accuracy",
    x: "epochs",
    y: quantity === "loss" ? "nats a token" : "share of tokens",
    ...(quantity === "accuracy" ? { range: [0, 1], percent: true } : {}),
    lines: lines.filter((line) => line.points.length > 0),
  });
}

/** At which words a translator looked. */
export function attention(input: string[], { tokens, text }: TranslatedSentence, weights: number[][]): Picture {
  return heatMap({
    title: `Attention: ${text}`,
    across: "read",
    down: "written",
    columns: input,
    rows: weights.map((_, i) => tokens[i]?.text ?? "end"),
    fields: weights.map((row) =>
      row.slice(0, input.length).map((weight) => ({ colour: COLOURS.teal, strength: weight })),
    ),
    size: [34, 26],
    key: [{ colour: COLOURS.teal, name: "the darker, the more it looked there" }],
  });
}

/** True classes against what a classifier says. */
export function confusion({ classes, confusion, accuracy, part, texts }: ClassificationReport): Picture {
  const names = classes.map(({ name }) => name);
  const field = (truth: number, said: number, number: number): Field => ({
    colour: truth === said ? COLOURS.teal : COLOURS.red,
    strength: number / Math.max(1, classes[truth]?.texts ?? 1),
    text: count(number),
  });
  return heatMap({
    title: `Confusion matrix: ${percent(accuracy)} of ${count(texts)} ${part} texts right`,
    across: "said",
    down: "true",
    columns: names,
    rows: names,
    fields: confusion.map((row, truth) => row.map((number, said) => field(truth, said, number))),
    size: [64, 40],
    key: [
      { colour: COLOURS.teal, name: "right" },
      { colour: COLOURS.red, name: "wrong; the darker, the larger the share of the class" },
    ],
  });
}

/** The hidden state after every bit. */
export function hiddenStates(steps: ParityStep[]): Picture {
  const units = steps[0]?.hidden.length ?? 0;
  const field = (value: number): Field => ({
    colour: value > 0 ? COLOURS.teal : COLOURS.orange,
    strength: Math.min(1, Math.abs(value)),
  });
  return heatMap({
    title: `Hidden state along ${count(steps.length)} bits`,
    across: "bits read",
    down: "numbers of the hidden state",
    columns: steps.map(({ bit }) => String(bit)),
    rows: Array.from({ length: units }, (_, unit) => (units <= 64 ? String(unit + 1) : "")),
    fields: Array.from({ length: units }, (_, unit) => steps.map(({ hidden }) => field(hidden[unit] ?? 0))),
    size: [16, units <= 64 ? 14 : 6],
    key: [
      { colour: COLOURS.teal, name: "positive" },
      { colour: COLOURS.orange, name: "negative; the darker, the further from 0" },
    ],
  });
}

/** The share of fresh strings answered right at every length. `trained`: bits of the strings that it was trained on. */
export function lengths(right: number[], strings: number, trained: number): Picture {
  const points = right.map((right, i): [number, number] => [i + 1, right / strings]);
  const guessing: Line["points"] = [
    [1, 0.5],
    [right.length, 0.5],
  ];
  const lines: Line[] = [
    { name: `up to the ${trained} bits that it trains on`, colour: COLOURS.teal, points: points.slice(0, trained) },
    { name: "longer", colour: COLOURS.orange, points: points.slice(Math.max(0, trained - 1)) },
    { name: "guessing", colour: COLOURS.grey, dashed: true, points: guessing },
  ];
  return lineChart({
    title: `Right answers at each length, ${count(strings)} strings`,
    x: "bits",
    y: "strings right",
    range: [0, 1],
    percent: true,
    lines: lines.filter((line) => line.points.length > 1),
  });
}

/** The probability of each class, word by word. */
export function verdicts({ classes, tokens }: ReadText): Picture {
  const steps = tokens.filter((token) => token.probabilities);
  return lineChart({
    title: "How the verdict comes about",
    x: "words read",
    y: "probability of each class",
    range: [0, 1],
    percent: true,
    names: steps.map(({ text }) => text),
    lines: classes.map((name, index) => ({
      name,
      colour: COLOURS.series[Math.min(index, COLOURS.series.length - 1)] ?? COLOURS.grey,
      points: steps.map(({ probabilities }, i) => [i, probabilities?.[index] ?? 0]),
    })),
  });
}

/** Words on the plane of their widest differences. `variance`: the share of these that the two axes show. */
export function wordMap(places: Place[], marked: string[], variance: number): Picture {
  const fit = (values: number[]) => {
    const [least, most] = [Math.min(...values), Math.max(...values)];
    return values.map((value) => (value - least) / (most - least || 1));
  };
  const [x, y] = [fit(places.map((place) => place.x)), fit(places.map((place) => place.y))];
  const all = places.map(
    ({ word }, i): Spot => ({ name: word, x: x[i] ?? 0, y: y[i] ?? 0, marked: marked.includes(word) }),
  );
  const note = `${count(places.length)} words on the two axes along which they differ most: ${percent(variance, 0)} of their differences`;
  return spots("Word vectors", note, all);
}
