// Answers of networks, compared.
import assert from "node:assert/strict";

/**
 * Fails where two answers differ in more than the last digits of their numbers.
 * @param {unknown} found
 * @param {unknown} expected
 * @param {number} [tolerance] by so much, or by this share of the number
 */
export function closeTo(found, expected, tolerance = 1e-3, path = "answer") {
  if (typeof expected === "number") {
    assert.ok(
      Math.abs(Number(found) - expected) <= tolerance * Math.max(1, Math.abs(expected)),
      `${path}: ${found}, ${expected}`,
    );
  } else if (typeof expected === "object" && expected !== null) {
    for (const [key, value] of Object.entries(expected)) {
      closeTo(/** @type {Record<string, unknown>} */ (found)[key], value, tolerance, `${path}.${key}`);
    }
  } else {
    // An optional value that is not there is null in JSON.
    assert.equal(found ?? null, expected ?? null, path);
  }
}
