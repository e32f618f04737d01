import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import type { Control, Field } from "../../pkg/unrolled.js";
import { count, short, size } from "../format";
import { lesson, standing } from "../lesson";
import type { Config } from "../protocol";
import { clamp, type Value } from "../share";
import { fromVectors, info, resetSettings, setSetting, store, switchVectors } from "../store";

/** One group of settings as a card. */
export function SettingsCard({ group, title }: { group: Field["group"]; title: string }) {
  const config = store.config.value;
  if (lesson.value && config && shownFields(group, config).length === 0) return null;
  return (
    <section class="card" aria-labelledby={`settings-${group}-title`} data-testid={`settings-${group}`}>
      <div class="card-head">
        <h2 id={`settings-${group}-title`}>{title}</h2>
        {group === "training" && (
          <button
            type="button"
            class="link"
            onClick={resetSettings}
            title="Takes every setting back to where it started"
          >
            Reset all
          </button>
        )}
      </div>
      {group === "model" && <Size />}
      {group === "model" && <StartVectors />}
      <Settings group={group} />
    </section>
  );
}

/** How large the network gets, live as the sliders move. */
function Size() {
  const model = store.preview.value?.model;
  if (!model) return null;
  return (
    <>
      <p class="muted" data-testid="network-size">
        {count(model.parameters)} parameters, about {size(model.memory_bytes)} of memory
      </p>
      {model.refusal && (
        <p class="error" data-testid="refusal">
          {model.refusal}
        </p>
      )}
    </>
  );
}

/** Whether new networks start from word vectors that were learnt or loaded before. */
function StartVectors() {
  const report = store.vectors.value?.report;
  const tables = store.preview.value?.tables ?? [];
  if (!report || tables.length === 0) return null;
  const shared = tables
    .filter((table) => table.shared !== undefined)
    .map((table) => `${count(table.shared ?? 0)} of ${count(table.words)} ${table.name}`);
  return (
    <div data-testid="start-vectors">
      <label
        class="check"
        title="Words that both know begin with these vectors, the others at random; training goes on from there"
      >
        <input
          type="checkbox"
          checked={fromVectors.value}
          onChange={(event) => switchVectors(event.currentTarget.checked)}
        />
        <span>Start from word vectors</span>
      </label>
      <p class="muted">
        {report.name}, {count(report.size)} numbers, {count(report.words)} words; among them {shared.join(" and ")}.
      </p>
      {fromVectors.value && tables.some((table) => table.size !== report.size) && (
        <p class="error">Set the embedding size to {report.size}, as long as these vectors are, or switch them off.</p>
      )}
    </div>
  );
}

/** The controls of one group that mean something now: the basic ones, and the rest behind "Advanced". */
export function Settings({ group }: { group: Field["group"] }) {
  const config = store.config.value;
  if (!config) return <p class="muted">Loading …</p>;
  const shown = shownFields(group, config);
  const basic = shown.filter((field) => !field.advanced);
  const advanced = shown.filter((field) => field.advanced);
  return (
    <div class="settings">
      {basic.map((field) => (
        <Setting key={field.key} field={field} value={config[field.key]} />
      ))}
      {advanced.length > 0 && (
        <details>
          <summary>Advanced</summary>
          <div class="settings">
            {advanced.map((field) => (
              <Setting key={field.key} field={field} value={config[field.key]} />
            ))}
          </div>
        </details>
      )}
    </div>
  );
}

/** How the network chooses words, closed at first. */
export function Decoding() {
  const config = store.config.value;
  if (!config || shownFields("decoding", config).length === 0) return null;
  return (
    <details class="decoding">
      <summary>How it chooses words</summary>
      <Settings group="decoding" />
    </details>
  );
}

function shownFields(group: Field["group"], config: Config): Field[] {
  const elsewhere = store.page.value?.controlled ?? [];
  const fields = store.schema.value?.fields ?? [];
  return fields.filter((field) => field.group === group && !elsewhere.includes(field.key) && isShown(field, config));
}

function isShown(field: Field, config: Config): boolean {
  return (
    info.value?.settings.includes(field.key) === true &&
    standing(field.key) !== "hidden" &&
    field.shown_if.every(({ key, values }) => values.includes(String(config[key as keyof Config])))
  );
}

const FIXED = "The lesson has fixed this";

/** One setting: label, help, and the control that fits its kind. */
function Setting({ field, value }: { field: Field; value: Value }) {
  const { control } = field;
  const id = `setting-${field.key}`;
  const error = store.previewError.value;
  const wrong = error?.field === field.key;
  const fixed = standing(field.key) === "fixed";
  const props = { id, field, fixed, describedBy: wrong ? `${id}-help ${id}-error` : `${id}-help` };
  return (
    <div class={fixed ? `setting ${control.type} fixed` : `setting ${control.type}`} title={fixed ? FIXED : undefined}>
      {control.type === "flag" ? (
        <Row field={field} id={id}>
          <input
            type="checkbox"
            class="switch"
            id={id}
            aria-describedby={props.describedBy}
            disabled={fixed}
            checked={value === true}
            onChange={(event) => setSetting(field, event.currentTarget.checked)}
          />
        </Row>
      ) : control.type === "choice" ? (
        <Row field={field} id={id}>
          <select
            id={id}
            aria-describedby={props.describedBy}
            disabled={fixed}
            value={String(value)}
            onChange={(event) => setSetting(field, event.currentTarget.value as Value)}
          >
            {control.options.map((option) => (
              <option key={option.value} value={option.value}>
                {option.label}
              </option>
            ))}
          </select>
        </Row>
      ) : (
        <NumberSetting {...props} control={control} value={Number(value)} />
      )}
      {wrong && (
        <p class="error" id={`${id}-error`}>
          {error.message}
        </p>
      )}
    </div>
  );
}

/** Label and help on the left, the control on the right. */
function Row({ field, id, children }: { field: Field; id: string; children: ComponentChildren }) {
  return (
    <div class="row">
      <label for={id}>{field.label}</label>
      <Help id={`${id}-help`} label={field.label} text={field.help} />
      {children}
    </div>
  );
}

type NumberControl = Extract<Control, { type: "integer" | "number" }>;

interface NumberSettingProps {
  id: string;
  field: Field;
  describedBy: string;
  fixed: boolean;
  control: NumberControl;
  value: number;
}

/** A number to type, and a slider where its range is one that a slider can cover. */
function NumberSetting({ id, field, describedBy, fixed, control, value }: NumberSettingProps) {
  const hasSlider = control.max - control.min <= 1_000_000;
  const set = (number: number) => setSetting(field, clamp(control, number));
  return (
    <>
      <Row field={field} id={id}>
        <input
          type="number"
          id={id}
          aria-describedby={describedBy}
          disabled={fixed}
          min={control.min}
          max={control.max}
          step={control.log || control.step === 0 ? "any" : control.step}
          value={control.type === "integer" ? value : short(value)}
          onChange={(event) => {
            const number = event.currentTarget.valueAsNumber;
            if (Number.isFinite(number)) set(number);
            // What is not a number, or was cut to the range, must not stay in the box.
            const kept = store.config.value?.[field.key];
            event.currentTarget.value = typeof kept === "number" ? String(kept) : "";
          }}
        />
      </Row>
      {hasSlider && (
        <input
          type="range"
          aria-label={`${field.label} slider`}
          aria-describedby={describedBy}
          disabled={fixed}
          aria-valuetext={short(value)}
          data-testid={`${id}-slider`}
          min={0}
          max={sliderSteps(control)}
          step={1}
          value={toSlider(control, value)}
          onInput={(event) => set(fromSlider(control, event.currentTarget.valueAsNumber))}
        />
      )}
    </>
  );
}

const LOG_STEPS = 120;

function sliderSteps({ log, min, max, step }: NumberControl): number {
  return log ? LOG_STEPS : Math.round((max - min) / step);
}

function toSlider(control: NumberControl, value: number): number {
  const { log, min, max, step } = control;
  return Math.round(log ? (LOG_STEPS * Math.log(value / min)) / Math.log(max / min) : (value - min) / step);
}

function fromSlider(control: NumberControl, position: number): number {
  const { log, min, max, step } = control;
  if (!log) return Number((min + position * step).toPrecision(6));
  if (position === 0) return min;
  if (position >= LOG_STEPS) return max;
  const value = min * (max / min) ** (position / LOG_STEPS);
  if (control.type === "number") return Number(value.toPrecision(2));
  // Sizes that go up to a power of two run in eighths of one, all others in round decimal numbers.
  const grain = Number.isInteger(Math.log2(max))
    ? 2 ** (Math.floor(Math.log2(value)) - 3)
    : 10 ** (Math.floor(Math.log10(value)) - 1);
  return Math.max(1, grain) * Math.round(value / Math.max(1, grain));
}

/** A question mark that tells what a setting means: on hover, on focus, or when it is pressed. Escape closes it. */
export function Help({ id, label, text }: { id: string; label: string; text: string }) {
  const open = useSignal(false);
  const show = (value: boolean) => () => {
    open.value = value;
  };
  return (
    <span class="help">
      <button
        type="button"
        aria-label={`Help: ${label}`}
        aria-describedby={id}
        onFocus={show(true)}
        onBlur={show(false)}
        onClick={show(true)}
        onKeyDown={(event) => {
          if (event.key === "Escape") open.value = false;
        }}
      >
        ?
      </button>
      <span role="tooltip" id={id} class={open.value ? "bubble" : "bubble closed"}>
        {text}
      </span>
    </span>
  );
}
