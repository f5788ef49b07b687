/** A database by its number and what people call it: `db1 sessions`. */
export function databaseWords(database: number, names: Readonly<Record<string, string>> | undefined): string {
  const name = names?.[String(database)]
  return name === undefined ? `db${database}` : `db${database} ${name}`
}

/** Of what people call a database, so many characters are kept (the api refuses more). */
export const NAME_CHARACTERS = 40
