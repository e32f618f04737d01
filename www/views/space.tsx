import { type ReadonlySignal, type Signal, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { NearWord, Place, VectorsAnswer, VectorsQuestion } from "../../pkg/unrolled.js";
import { download } from "../download";
import { count, percent } from "../format";
import { askOnce, keepVectors, store } from "../store";
import { SavePicture } from "./save";

/** Words listed as the nearest. */
const NEAREST = 10;
/** Words in the picture. */
const IN_PICTURE = 100;
/** The most frequent words of a language say little; so many are passed over at first. */
const PASSED_OVER = 100;
/** Typing pauses for so long before something is asked. */
const TYPING_MS = 200;

/** Where the words of a network lie: nearest words, differences, a picture; all of it follows the training. */
export function Space() {
  const table = useSignal(0);
  const word = useSignal("");
  const tables = store.preview.value?.tables ?? [];
  const shown = tables[Math.min(table.value, tables.length - 1)];
  const index = shown ? tables.indexOf(shown) : 0;
  const words = shown?.words ?? 0;
  const skip = useSignal<number | undefined>(undefined);
  const first = Math.min(skip.value ?? PASSED_OVER, Math.max(0, words - IN_PICTURE));
  const map = useAnswer({ kind: "map", table: index, skip: first, count: IN_PICTURE }, "map");
  const places = map?.places ?? [];
  const variance = map ? map.variance[0] + map.variance[1] : 0;
  // A first word to begin with: not too short a one, or it would be an article.
  const start = places.find((place) => place.word.length > 4) ?? places[0];
  const asked = word.value.trim() || start?.word || "";
  const near = useAnswer(asked ? { kind: "nearest", table: index, word: asked, count: NEAREST } : undefined, "words");
  const marked = [asked, ...(near?.words ?? []).map((found) => found.word)];
  return (
    <div class="space">
      {tables.length > 1 && (
        <fieldset class="segments table-choice">
          <legend class="hidden">Which words</legend>
          {tables.map(({ name }, i) => (
            <label key={name}>
              <input
                type="radio"
                name="table"
                checked={i === index}
                onChange={() => {
                  table.value = i;
                  word.value = "";
                }}
              />
              <span>{name}</span>
            </label>
          ))}
        </fieldset>
      )}
      <div class="space-columns">
        <div>
          <label for="space-word">Nearest words of</label>
          <WordBox id="space-word" value={word} placeholder={start?.word ?? ""} />
          <Nearest answer={near} testid="nearest" choose={(chosen) => (word.value = chosen)} />
          <Analogy table={index} choose={(chosen) => (word.value = chosen)} />
        </div>
        <div>
          <Picture places={places} marked={marked} choose={(chosen) => (word.value = chosen)} />
          <div class="row picture-range">
            <label for="space-skip">From word</label>
            <input
              id="space-skip"
              type="range"
              min={0}
              max={Math.max(0, words - IN_PICTURE)}
              value={first}
              disabled={words <= IN_PICTURE}
              aria-valuetext={`the ${count(first + 1)}. most frequent word`}
              title="Which words the picture shows, counted from the most frequent one"
              onInput={(event) => (skip.value = event.currentTarget.valueAsNumber)}
            />
            <span class="number">{count(first + 1)}</span>
          </div>
          {map && (
            <p class="muted">
              {count(places.length)} words, most frequent first, seen from the side on which they differ most: the
              picture shows {percent(variance, 0)} of their differences.{" "}
              <SavePicture
                name="word-vectors"
                what="the picture of the words"
                draw={async () => (await import("../export/figures")).wordMap(map.places, marked, variance)}
              />
            </p>
          )}
        </div>
      </div>
      <Save table={index} />
    </div>
  );
}

type Kind = VectorsAnswer["kind"];
type AnswerOf<K extends Kind> = Extract<VectorsAnswer, { kind: K }>;

async function ask<K extends Kind>(question: VectorsQuestion, kind: K): Promise<AnswerOf<K> | undefined> {
  const answer = await askOnce({ task: "vectors", ...question });
  return answer?.task === "vectors" && answer.kind === kind ? (answer as unknown as AnswerOf<K>) : undefined;
}

/** The answer to a question, asked again after every epoch and whenever training stops or another network is made. */
function useAnswer<K extends Kind>(question: VectorsQuestion | undefined, kind: K): AnswerOf<K> | undefined {
  const answer = useSignal<AnswerOf<K> | undefined>(undefined);
  const run = store.run.value;
  const ready = store.stage.value.name === "ready" && store.preview.value !== undefined && !store.previewError.value;
  const key = question && JSON.stringify(question);
  useEffect(() => {
    if (!key || !ready) {
      if (!key) answer.value = undefined;
      return;
    }
    // Only the newest question counts.
    let stale = false;
    const timer = setTimeout(async () => {
      const found = await ask(JSON.parse(key) as VectorsQuestion, kind);
      if (!stale) answer.value = found;
    }, TYPING_MS);
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [key, kind, ready, run?.number, run?.epochs.length, store.status.value, answer]);
  return answer.value;
}

function WordBox({ id, value, placeholder }: { id: string; value: Signal<string>; placeholder: string }) {
  return (
    <input
      id={id}
      class="word-box"
      title="A word that the network knows; lists follow as you type"
      type="text"
      dir="auto"
      autocomplete="off"
      autocapitalize="off"
      spellcheck={false}
      value={value.value}
      placeholder={placeholder}
      onInput={(event) => (value.value = event.currentTarget.value)}
    />
  );
}

interface NearestProps {
  answer: AnswerOf<"words"> | undefined;
  testid: string;
  choose: (word: string) => void;
}

/** Words by how near they are; pressing one asks about it. */
function Nearest({ answer, testid, choose }: NearestProps) {
  if (!answer) return null;
  if (answer.unknown.length > 0) {
    return (
      <p class="muted" aria-live="polite" data-testid={testid}>
        {answer.unknown.map((word) => `“${word}”`).join(" and ")}{" "}
        {answer.unknown.length > 1 ? "have no vectors: they are" : "has no vector: it is"} not in the vocabulary.
      </p>
    );
  }
  return (
    <ol class="near" data-testid={testid}>
      {answer.words.map((found: NearWord) => (
        <li key={found.word}>
          <button type="button" class="link" dir="auto" onClick={() => choose(found.word)}>
            {found.word}
          </button>
          <span class="meter">
            <span class="fill" style={{ width: `${Math.max(0, found.cosine) * 100}%` }} />
          </span>
          <span class="number" title="Cosine of the angle between the two vectors: 1 is the same direction">
            {found.cosine.toFixed(2)}
          </span>
        </li>
      ))}
    </ol>
  );
}

/** Three words: where a is to b as the answer is to c. */
function Analogy({ table, choose }: { table: number; choose: (word: string) => void }) {
  const [a, b, c] = [useSignal(""), useSignal(""), useSignal("")];
  const words = [a, b, c].map((word: ReadonlySignal<string>) => word.value.trim()) as [string, string, string];
  const question: VectorsQuestion | undefined = words.every((word) => word !== "")
    ? { kind: "analogy", table, a: words[0], b: words[1], c: words[2], count: 5 }
    : undefined;
  const answer = useAnswer(question, "words");
  const box = (id: string, label: string, value: Signal<string>, placeholder: string): ComponentChildren => (
    <span>
      <label for={id} class="hidden">
        {label}
      </label>
      <WordBox id={id} value={value} placeholder={placeholder} />
    </span>
  );
  return (
    <fieldset class="analogy" title="king − man + woman: which word is nearest to what comes out?">
      <legend>Take one word away from another, and add a third</legend>
      <div class="sum">
        {box("analogy-a", "Begin with", a, "king")}
        <span aria-hidden="true">−</span>
        {box("analogy-b", "Take away", b, "man")}
        <span aria-hidden="true">+</span>
        {box("analogy-c", "Add", c, "woman")}
      </div>
      <Nearest answer={answer} testid="analogy" choose={choose} />
    </fieldset>
  );
}

const PICTURE_HEIGHT = 340;
const FONT = "12px system-ui, sans-serif";
/** A word is pointed at from so many pixels away. */
const REACH = 30;

interface PictureProps {
  places: Place[];
  /** Words that stand out. */
  marked: string[];
  choose: (word: string) => void;
}

/** Words in two dimensions. Where there is no room for a name there is a dot, until it is pointed at. */
function Picture({ places, marked, choose }: PictureProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const pointed = useSignal<string | undefined>(undefined);
  const measured = useSignal(0);
  const width = measured.value;
  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const resize = new ResizeObserver(() => (measured.value = element.clientWidth));
    resize.observe(element);
    return () => resize.disconnect();
  }, [measured]);
  useEffect(() => {
    const element = canvas.current;
    if (!element || width === 0) return;
    const paint = () => draw(element, width, places, marked, pointed.value);
    paint();
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    scheme.addEventListener("change", paint);
    return () => scheme.removeEventListener("change", paint);
  });
  const wordAt = (event: MouseEvent): string | undefined => {
    let [best, distance]: [string | undefined, number] = [undefined, REACH];
    for (const { word, x, y } of laidOut(places, width)) {
      const away = Math.hypot(event.offsetX - x, event.offsetY - y);
      if (away < distance) [best, distance] = [word, away];
    }
    return best;
  };
  return (
    <figure class="picture">
      <canvas
        ref={canvas}
        role="img"
        aria-label={`${places.length} words in two dimensions; they are listed below`}
        style={{ height: `${PICTURE_HEIGHT}px`, cursor: pointed.value ? "pointer" : "default" }}
        onMouseMove={(event) => (pointed.value = wordAt(event))}
        onMouseLeave={() => (pointed.value = undefined)}
        onClick={(event) => {
          const word = wordAt(event);
          if (word) choose(word);
        }}
      />
      <details>
        <summary>The words as a list</summary>
        <p class="picture-words" data-testid="picture-words">
          {places.map(({ word }) => (
            <button
              key={word}
              type="button"
              class="link"
              dir="auto"
              onFocus={() => (pointed.value = word)}
              onBlur={() => (pointed.value = undefined)}
              onClick={() => choose(word)}
            >
              {word}
            </button>
          ))}
        </p>
      </details>
    </figure>
  );
}

/** Places in pixels: all of them inside, with room for half a name on either side. */
function laidOut(places: Place[], width: number): Place[] {
  const fit = (values: number[], size: number, margin: number) => {
    const [least, most] = [Math.min(...values), Math.max(...values)];
    const scale = (size - 2 * margin) / (most - least || 1);
    return values.map((value) => margin + (value - least) * scale);
  };
  const x = fit(
    places.map((place) => place.x),
    width,
    34,
  );
  const y = fit(
    places.map((place) => -place.y),
    PICTURE_HEIGHT,
    14,
  );
  return places.map(({ word }, i) => ({ word, x: x[i] ?? 0, y: y[i] ?? 0 }));
}

function draw(
  canvas: HTMLCanvasElement,
  width: number,
  places: Place[],
  marked: string[],
  pointed: string | undefined,
): void {
  const context = canvas.getContext("2d");
  if (!context) return;
  const sharp = devicePixelRatio;
  canvas.width = Math.round(width * sharp);
  canvas.height = Math.round(PICTURE_HEIGHT * sharp);
  context.scale(sharp, sharp);
  context.textAlign = "center";
  context.textBaseline = "middle";
  const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name);
  const rank = ({ word }: Place) => (word === pointed ? 0 : word === marked[0] ? 1 : marked.includes(word) ? 2 : 3);
  const taken: { left: number; right: number; y: number }[] = [];
  // What matters most takes its place first.
  for (const place of laidOut(places, width).sort((a, b) => rank(a) - rank(b))) {
    const stands_out = rank(place) < 3;
    context.font = rank(place) < 2 ? `600 ${FONT}` : FONT;
    context.fillStyle = colour(stands_out ? "--accent" : "--ink");
    const half = context.measureText(place.word).width / 2 + 2;
    const box = { left: place.x - half, right: place.x + half, y: place.y };
    const free = taken.every((b) => box.right < b.left || box.left > b.right || Math.abs(box.y - b.y) > 12);
    if (free || rank(place) < 2) {
      taken.push(box);
      context.fillText(place.word, place.x, place.y);
    } else {
      context.globalAlpha = stands_out ? 1 : 0.45;
      context.beginPath();
      context.arc(place.x, place.y, 2, 0, 2 * Math.PI);
      context.fill();
      context.globalAlpha = 1;
    }
  }
}

/** The vectors as a file, or as the start of other networks. */
function Save({ table }: { table: number }) {
  const kept = useSignal<string | undefined>(undefined);
  const name = `${(store.preview.value?.data.name ?? "words").replace(/\.[a-z]+$/i, "")} vectors.txt`;
  const text = async () => (await ask({ kind: "save", table }, "save"))?.text;
  return (
    <div class="buttons">
      <button
        type="button"
        title="A text file with a word and its numbers on each line, as word2vec writes it"
        onClick={async () => {
          const saved = await text();
          if (saved !== undefined) download(saved, name, "text/plain");
        }}
      >
        Save as text
      </button>
      {!store.alone.value && (
        <button
          type="button"
          title="Networks of the other tasks then start from these vectors, until you switch that off"
          onClick={async () => {
            const saved = await text();
            if (saved === undefined) return;
            await keepVectors(saved, name);
            kept.value = name;
          }}
        >
          Start other tasks from them
        </button>
      )}
      <span class="muted" aria-live="polite" data-testid="kept-vectors">
        {kept.value && store.vectors.value?.report.name === kept.value
          ? "Kept: new networks of the other tasks start from them."
          : ""}
      </span>
    </div>
  );
}
