/** Files that the page gives to its user. */

/** Saves content as a file of this name and MIME type, where the browser saves what is downloaded. */
export function download(content: BlobPart, name: string, type: string): void {
  const address = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // Some browsers fetch the address after the click has returned.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
