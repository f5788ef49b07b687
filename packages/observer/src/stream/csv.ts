/**
 * Tables as files. A spreadsheet takes what begins with certain signs for a formula and runs it, so a text that does gets an apostrophe
 * before it (OWASP, "CSV injection"): names of keys and of clients come from whoever may write them.
 */

/** What one cell may be. Numbers stand as they are: a negative one is no formula. */
export type CsvCell = string | number | bigint | boolean | null | undefined

/** Signs that begin a formula, also in their full-width forms, and those that a spreadsheet passes over before it looks. */
const formula = /^[\s\0\u200b\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/

/** One line of RFC 4180 with its end. Null and undefined are empty cells. */
export function csvLine(cells: readonly CsvCell[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`
}

function csvCell(cell: CsvCell): string {
  if (cell === null || cell === undefined) return ''
  if (typeof cell !== 'string') return String(cell)
  const text = formula.test(cell) ? `'${cell}` : cell
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
