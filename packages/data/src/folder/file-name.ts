/** What no file system takes, what hides a file, and `%`, which escapes them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: file names may not hold them
const UNSAFE = /[\u0000-\u001f\u007f/\\:*?"<>|%]|^\.|[. ]$/g

/** An id as a file name without extension: itself where it can be, else with `%2F` for a slash and the like. */
export const fileNameOf = (id: string): string =>
  id.replace(UNSAFE, (unsafe) => `%${unsafe.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
