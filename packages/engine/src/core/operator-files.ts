/**
 * Files that an operator names and has a command read or write: a command answers what became of it, so a host does it at once. Paths are
 * those that parameters give, texts have one unit for each byte. A simulator has none of this.
 */
export type OperatorFiles = {
  /** `error`: the system's text. */
  read(path: string): { readonly text: string } | { readonly error: string }
  /** Replaces a file as a whole, durably; the system's text when that cannot be, and then the old one is there. */
  replace(path: string, text: string): string | undefined
}
