/** A selector may come as several words, from the one that begins with a parenthesis to the one that ends with it; else an error. */
export function joinSelectors(given: readonly string[]): string[] | string {
  const rules: string[] = []
  let open: string | undefined
  let first = ''
  for (const rule of given) {
    if (open === undefined && !rule.startsWith('(')) {
      rules.push(rule)
      continue
    }
    if (open === undefined) first = rule
    open = open === undefined ? rule : `${open} ${rule}`
    if (!rule.endsWith(')')) continue
    rules.push(open)
    open = undefined
  }
  return open === undefined ? rules : `Unmatched parenthesis in acl selector starting at '${first}'.`
}
