/** Files as they are dropped or chosen: whole folders with all that is in them, each file named by its path. */

/** The files that were chosen in an input; those of a folder carry its name and all below it. */
export const chosenFiles = (files: Iterable<File>): File[] =>
  [...files].map((file) => at(file.webkitRelativePath || file.name, file)).sort(byPath);

/** The files that were dropped, and those in dropped folders. To be called while the event is handled. */
export async function droppedFiles(transfer: DataTransfer): Promise<File[]> {
  // After the first pause the items are gone.
  const found = [...transfer.items].map((item) => {
    const entry = item.webkitGetAsEntry();
    return entry?.isDirectory ? walk(entry) : [item.getAsFile()];
  });
  return (await Promise.all(found)).flat().filter((file) => file !== null);
}

async function walk(entry: FileSystemEntry): Promise<File[]> {
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
    return [at(entry.fullPath.replace(/^\//, ""), file)];
  }
  if (!isDirectory(entry)) return [];
  const files: File[] = [];
  const reader = entry.createReader();
  for (;;) {
    // A part of the entries at a time; none means that those were all.
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (part.length === 0) return files.sort(byPath);
    for (const inside of part) files.push(...(await walk(inside)));
  }
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile;
const isDirectory = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory;

/** The same file under its path: only its name goes with it to the worker. */
const at = (path: string, file: File): File =>
  path === file.name ? file : new File([file], path, { type: file.type });

const names = new Intl.Collator("en", { numeric: true });
/** Files of folders come in the order of their names; those that were chosen one by one stay as they are. */
const byPath = (a: File, b: File): number => (a.name.includes("/") ? names.compare(a.name, b.name) : 0);
