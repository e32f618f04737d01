/** A run's figures and samples as text, for spreadsheets and for reading. */

import type { Sample, Scores, SessionEvent } from "../protocol";

type Row = [step: number, epoch: number, part: string, scores: Scores, score?: number, learningRate?: number];

/**
 * Every point of the curves, as a table that spreadsheets read (RFC 4180). `training` is the mean since the point before,
 * `training_epoch` that of a whole epoch. There are numbers and fixed words in it, so nothing needs quotes.
 */
export function metricsCsv(history: SessionEvent[]): string {
  const header = ["step", "epoch", "part", "loss", "accuracy", "score", "learning_rate"];
  const lines = history
    .flatMap(rows)
    .map(([step, epoch, part, { loss, accuracy }, score, rate]) => [step, epoch, part, loss, accuracy, score, rate]);
  return [header, ...lines].map((line) => `${line.join(",")}\r\n`).join("");
}

function rows(event: SessionEvent, index: number, history: SessionEvent[]): Row[] {
  switch (event.type) {
    case "progress":
      if (event.phase !== "training") return [];
      return [[event.step, event.epoch, "training", event, undefined, event.learning_rate]];
    case "epoch": {
      const { step, epoch, train, validation, score } = event;
      const whole: Row = [step, epoch, "training_epoch", train];
      return validation ? [whole, [step, epoch, "validation", validation, score]] : [whole];
    }
    case "samples":
      return [];
    case "finished": {
      const last = history.slice(0, index).findLast((event) => event.type === "epoch");
      if (!event.test || last?.type !== "epoch") return [];
      return [[last.step, event.weights_of_epoch, "test", event.test.scores, event.test.score]];
    }
  }
}

/** What the network could do from time to time, the oldest first. `scoreName`: what the task calls its score. */
export function samplesText(history: SessionEvent[], scoreName: string | undefined): string {
  const entries = history.flatMap((event) => {
    if ((event.type !== "epoch" && event.type !== "samples") || event.samples.length === 0) return [];
    const when = event.type === "epoch" ? `After epoch ${event.epoch}` : `In epoch ${event.epoch}`;
    const score = event.type === "epoch" && event.score !== undefined ? `, ${scoreName ?? "score"} ${event.score}` : "";
    return `${when}, step ${event.step}${score}\n\n${event.samples.map(sampleText).join("\n\n")}\n`;
  });
  return entries.join("\n\n");
}

function sampleText({ input, output, expected }: Sample): string {
  // Without a right answer the output goes on from the input.
  if (expected.length === 0) return `Given:\n${input}\nWritten:\n${output}`;
  return `  ${input}\n  → ${output}\n  = ${expected.join(" / ")}`;
}
