/** Drawings that stand alone: SVG with colours and fonts of its own on a light ground, and PNG made from it. */

/** A finished drawing. */
export interface Picture {
  svg: string;
  /** In pixels, as are all sizes here. */
  width: number;
  height: number;
}

/** Colours that are told apart on white, also in grey. */
export const COLOURS = {
  teal: "#0c8c82",
  orange: "#d9731a",
  red: "#a8321b",
  grey: "#8d877d",
  series: ["#d9731a", "#0c8c82", "#5b6fd6", "#b0448f", "#7f8a1e", "#8d877d"],
} as const;

const INK = "#1f1d1a";
const MUTED = "#68635b";
const LINE = "#e4e0d8";
const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif";
const SIZE = 12;
const TITLE_SIZE = 15;
const MARGIN = 16;
/** Longer names are cut, so that one does not push the drawing off the page. */
const LONGEST_NAME = 48;
const LONGEST_TITLE = 100;

/** Text in a document: without what XML forbids, and with its own characters escaped. */
export function escaped(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML forbids
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ud800-\udfff\ufffe\uffff]/gu, "\ufffd")
      .replaceAll("&", "&amp;")
      .replaceAll("<", "&lt;")
      .replaceAll(">", "&gt;")
      .replaceAll('"', "&quot;")
  );
}

/** About how wide a text is: a drawing must leave room for it without a page to measure it on. */
function widthOf(text: string, size = SIZE): number {
  let ems = 0;
  for (const character of text) {
    const wide = (character.codePointAt(0) ?? 0) >= 0x2e80;
    ems += wide ? 1.05 : /[A-ZMW@%mw]/.test(character) ? 0.8 : 0.58;
  }
  return ems * size;
}

/** A name as it is shown. */
function shown(name: string, longest = LONGEST_NAME): string {
  const characters = [...(name.trim() === "" ? name.replaceAll("\n", "↵").replaceAll(" ", "␣") : name)];
  return characters.length > longest ? `${characters.slice(0, longest - 1).join("")}…` : characters.join("");
}

interface TextOptions {
  anchor?: "start" | "middle" | "end";
  size?: number;
  bold?: boolean;
  colour?: string;
  /** Written upwards. */
  upwards?: boolean;
}

/** A line of text whose middle is at height y. What stands from right to left keeps its order. */
function label(x: number, y: number, text: string, options: TextOptions = {}): string {
  const { anchor = "start", size = SIZE, bold, colour = INK, upwards } = options;
  const turn = upwards ? ` transform="rotate(-90 ${round(x)} ${round(y)})"` : "";
  const weight = bold ? ' font-weight="600"' : "";
  return `<text x="${round(x)}" y="${round(y)}" dy=".35em" text-anchor="${anchor}" font-size="${size}" fill="${colour}"${weight}${turn}>${escaped(text)}</text>`;
}

const round = (value: number) => String(Math.round(value * 100) / 100);

/** A drawing of this size, with a title on top. */
function picture(name: string, width: number, height: number, body: string[]): Picture {
  const title = shown(name, LONGEST_TITLE);
  const w = Math.ceil(Math.max(width, 2 * MARGIN + widthOf(title, TITLE_SIZE) * 1.1));
  const h = Math.ceil(height);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" font-family="${FONT}" style="unicode-bidi: plaintext">
<title>${escaped(name)}</title>
<rect width="${w}" height="${h}" fill="#ffffff"/>
${label(MARGIN, MARGIN + TITLE_SIZE / 2, title, { size: TITLE_SIZE, bold: true })}
${body.join("\n")}
</svg>
`;
  return { svg, width: w, height: h };
}

/** Where the drawing begins, below the title. */
const TOP = MARGIN + TITLE_SIZE + 14;
const least = (...widths: number[]) => Math.max(0, ...widths);

/** Drawings one below the other, as one. */
export function stacked(pictures: Picture[]): Picture {
  const width = least(...pictures.map((each) => each.width));
  let height = 0;
  const parts = pictures.map((each) => {
    const part = each.svg.replace("<svg ", `<svg y="${height}" `);
    height += each.height;
    return part;
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<rect width="${width}" height="${height}" fill="#ffffff"/>
${parts.join("")}</svg>
`;
  return { svg, width, height };
}

/** One line of a chart. */
export interface Line {
  /** In the legend; lines without a name are not in it. */
  name?: string;
  colour: string;
  dashed?: boolean;
  thin?: boolean;
  points: [x: number, y: number][];
}

export interface LineChart {
  title: string;
  x: string;
  y: string;
  /** The y axis; from 0 to the largest value where there is none. */
  range?: [number, number];
  /** Names below the x axis in place of numbers: the first stands at 0. */
  names?: string[];
  /** Numbers on the y axis are shares, in per cent. */
  percent?: boolean;
  lines: Line[];
}

const CHART = { width: 640, height: 300 };

/** Lines over a common axis, with a legend. */
export function lineChart({ title, x, y, range, names, percent, lines }: LineChart): Picture {
  const points = lines.flatMap((line) => line.points);
  const [from, to] = names
    ? [-0.5, names.length - 0.5]
    : [Math.min(0, ...points.map(([x]) => x)), Math.max(...points.map(([x]) => x), 1e-9)];
  const [low, high] = range ?? [0, Math.max(...points.map(([, y]) => y), 1e-9) * 1.05];
  const yTicks = ticks(low, high, 5);
  const plain = (value: number) => String(Number(value.toPrecision(6)));
  const number = (value: number) => (percent ? `${Math.round(value * 100)} %` : plain(value));
  const left = MARGIN + SIZE + 14 + least(...yTicks.map((tick) => widthOf(number(tick))));
  // Names stand upright beside each other where there is room, and else upwards.
  const room = names ? Math.max(CHART.width, names.length * 16) : CHART.width;
  const longest = least(...(names ?? []).map((name) => widthOf(shown(name))));
  const upwards = names !== undefined && longest + 6 > room / Math.max(1, names.length);
  const below = (upwards ? longest : SIZE) + 10;
  const atX = (value: number) => left + ((value - from) / (to - from || 1)) * room;
  const atY = (value: number) => TOP + (1 - (value - low) / (high - low || 1)) * CHART.height;
  const bottom = TOP + CHART.height;
  const body: string[] = [];
  for (const tick of yTicks) {
    body.push(
      `<path d="M${round(left)} ${round(atY(tick))}h${room}" stroke="${LINE}"/>`,
      label(left - 8, atY(tick), number(tick), { anchor: "end", colour: MUTED }),
    );
  }
  if (names) {
    for (const [i, name] of names.entries()) {
      const options = upwards ? ({ upwards: true, anchor: "end" } as const) : ({ anchor: "middle" } as const);
      body.push(label(atX(i), bottom + (upwards ? 8 : 12), shown(name), { ...options, colour: MUTED }));
    }
  } else {
    for (const tick of ticks(from, to, 8)) {
      body.push(label(atX(tick), bottom + 12, plain(tick), { anchor: "middle", colour: MUTED }));
    }
  }
  body.push(`<path d="M${round(left)} ${bottom}h${room}" stroke="${MUTED}"/>`);
  for (const { colour, dashed, thin, points } of lines) {
    const path = points.map(([x, y]) => `${round(atX(x))},${round(Math.max(TOP, Math.min(bottom, atY(y))))}`).join(" ");
    const dash = dashed ? ' stroke-dasharray="5 4"' : "";
    if (points.length === 1)
      body.push(`<circle cx="${path.split(",")[0]}" cy="${path.split(",")[1]}" r="3" fill="${colour}"/>`);
    else {
      body.push(
        `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="${thin ? 1 : 2}" stroke-linejoin="round"${dash}/>`,
      );
    }
  }
  body.push(
    label(left + room / 2, bottom + below + 14, x, { anchor: "middle", colour: MUTED }),
    label(MARGIN + SIZE / 2, TOP + CHART.height / 2, y, { anchor: "middle", colour: MUTED, upwards: true }),
  );
  const named = lines.filter((line): line is Line & { name: string } => line.name !== undefined);
  const legendTop = bottom + below + 34;
  let [at, row] = [left, 0];
  for (const { name, colour, dashed } of named) {
    const wide = 30 + widthOf(shown(name)) + 20;
    if (at > left && at + wide > left + room) [at, row] = [left, row + 1];
    const y = legendTop + row * 20;
    const dash = dashed ? ' stroke-dasharray="5 4"' : "";
    body.push(
      `<path d="M${round(at)} ${y}h22" stroke="${colour}" stroke-width="2"${dash}/>`,
      label(at + 30, y, shown(name)),
    );
    at += wide;
  }
  const height = legendTop + (named.length > 0 ? row * 20 + SIZE : 0) + MARGIN;
  return picture(title, left + room + MARGIN + 20, height, body);
}

/** Round numbers from low to high, about so many. */
function ticks(low: number, high: number, count: number): number[] {
  const rough = (high - low) / count || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= rough * 0.999) ?? rough;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => (first + i) * step);
}

/** One field of a heat map. */
export interface Field {
  colour: string;
  /** From 0, nothing to see, to 1. */
  strength: number;
  text?: string;
}

export interface HeatMap {
  title: string;
  /** What the columns and the rows are. */
  across: string;
  down: string;
  columns: string[];
  rows: string[];
  /** [row][column] */
  fields: Field[][];
  /** The size of a field. */
  size: [width: number, height: number];
  /** What the colours mean. */
  key: { colour: string; name: string }[];
}

/** A table of coloured fields with names for its rows and columns. */
export function heatMap({ title, across, down, columns, rows, fields, size, key }: HeatMap): Picture {
  const [width, height] = size;
  const names = { columns: columns.map((name) => shown(name)), rows: rows.map((name) => shown(name)) };
  const longest = least(...names.columns.map((name) => widthOf(name)));
  const upwards = longest + 4 > width;
  const head = columns.some((name) => name !== "") ? (upwards ? longest : SIZE) + 10 : 4;
  const left = MARGIN + SIZE + 14 + least(...names.rows.map((name) => widthOf(name)));
  const top = TOP + SIZE + 8 + head;
  const [w, h] = [columns.length * width, rows.length * height];
  const body = [
    label(left, TOP + SIZE / 2, `${across} →`, { colour: MUTED }),
    label(MARGIN + SIZE / 2, top + h, `← ${down}`, { colour: MUTED, upwards: true }),
  ];
  for (const [i, name] of names.columns.entries()) {
    const x = left + (i + 0.5) * width;
    if (name !== "") body.push(label(x, top - (upwards ? 6 : 10), name, upwards ? { upwards } : { anchor: "middle" }));
  }
  for (const [i, name] of names.rows.entries()) {
    if (name !== "") body.push(label(left - 8, top + (i + 0.5) * height, name, { anchor: "end" }));
  }
  for (const [i, row] of fields.entries()) {
    for (const [j, { colour, strength, text }] of row.entries()) {
      const [x, y] = [left + j * width, top + i * height];
      const opacity = round(Math.max(0, Math.min(1, strength)));
      body.push(
        `<rect x="${round(x)}" y="${round(y)}" width="${width}" height="${height}" fill="${colour}" fill-opacity="${opacity}"/>`,
      );
      if (text !== undefined) {
        body.push(
          label(x + width / 2, y + height / 2, text, { anchor: "middle", colour: strength > 0.6 ? "#ffffff" : INK }),
        );
      }
    }
  }
  body.push(`<rect x="${round(left)}" y="${round(top)}" width="${w}" height="${h}" fill="none" stroke="${LINE}"/>`);
  let [at, y, end] = [left, top + h + 22, left];
  for (const { colour, name } of key) {
    const wide = 18 + widthOf(name) + 18;
    if (at > left && at + wide > Math.max(left + w, 480)) [at, y] = [left, y + 20];
    body.push(
      `<rect x="${round(at)}" y="${round(y - 6)}" width="12" height="12" fill="${colour}"/>`,
      label(at + 18, y, name, { colour: MUTED }),
    );
    at += wide;
    end = Math.max(end, at);
  }
  const right = Math.max(left + w, end, left + widthOf(`${across} →`));
  const tall = Math.max(top + h, top + widthOf(`← ${down}`) + 8);
  return picture(title, right + MARGIN, Math.max(y + SIZE, tall) + MARGIN, body);
}

/** A name at a place; both from 0 to 1, y upwards. */
export interface Spot {
  name: string;
  x: number;
  y: number;
  /** Stands out. */
  marked: boolean;
}

const MAP = { width: 760, height: 520 };

/** Names where they lie. Where there is no room for one there is a dot. */
export function spots(title: string, note: string, places: Spot[]): Picture {
  const side = 60;
  const body: string[] = [];
  const taken: { left: number; right: number; y: number }[] = [];
  // What stands out takes its place first.
  for (const { name, x, y, marked } of places.toSorted((a, b) => Number(b.marked) - Number(a.marked))) {
    const at = { x: MARGIN + side + x * (MAP.width - 2 * side), y: TOP + 20 + (1 - y) * (MAP.height - 40) };
    const half = widthOf(shown(name)) / 2 + 2;
    const box = { left: at.x - half, right: at.x + half, y: at.y };
    const free = taken.every((b) => box.right < b.left || box.left > b.right || Math.abs(box.y - b.y) > SIZE + 1);
    const colour = marked ? COLOURS.teal : INK;
    if (free) {
      taken.push(box);
      body.push(label(at.x, at.y, shown(name), { anchor: "middle", colour, bold: marked }));
    } else {
      body.push(
        `<circle cx="${round(at.x)}" cy="${round(at.y)}" r="2" fill="${colour}" fill-opacity=".5"><title>${escaped(name)}</title></circle>`,
      );
    }
  }
  const bottom = TOP + MAP.height + 16;
  body.push(label(MARGIN, bottom, note, { colour: MUTED }));
  const width = Math.max(MAP.width + 2 * MARGIN, widthOf(note) + 2 * MARGIN);
  return picture(title, width, bottom + SIZE + MARGIN / 2, body);
}

/** A canvas has no more pixels than this on a side. */
const LARGEST_SIDE = 16_384;

/**
 * The drawing in pixels, in twice its size so that it stays sharp in print.
 *
 * @throws Error where the browser cannot draw it
 */
export async function png({ svg, width, height }: Picture): Promise<Blob> {
  const scale = Math.min(2, LARGEST_SIDE / Math.max(width, height));
  const address = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
    if (!blob) throw new Error("The browser could not make a PNG of this size; take the SVG.");
    return blob;
  } finally {
    URL.revokeObjectURL(address);
  }
}
