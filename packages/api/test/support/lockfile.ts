/** Names with versions of all packages that these importers of a pnpm lock file need at run time, theirs and what those need in turn. */
export function packagesOf(text: string, importers: readonly string[]): readonly string[] {
  const sections = new Map<string, string[]>()
  let top = ''
  let entry = ''
  let part = ''
  let dependency = ''
  for (const line of text.split('\n')) {
    const indent = line.length - line.trimStart().length
    const words = line.trim()
    if (words === '') continue
    const name = words.replace(/:.*$/, '').replaceAll("'", '')
    if (indent === 0) top = name
    else if (indent === 2) entry = words.replace(/:( \{\})?$/, '').replaceAll("'", '')
    else if (indent === 4) part = name
    else if (top === 'importers' && part === 'dependencies' && indent === 6) dependency = words.replace(/:$/, '').replaceAll("'", '')
    else if (top === 'importers' && part === 'dependencies' && indent === 8 && words.startsWith('version: '))
      add(`importers ${entry}`, dependency, words.slice(9))
    else if (top === 'snapshots' && part === 'dependencies' && indent === 6) {
      const [, of = '', version = ''] = /^'?([^':]+)'?: '?([^']+)'?$/.exec(words) ?? []
      add(entry, of, version)
    }
  }
  function add(of: string, name: string, version: string): void {
    if (version.startsWith('link:')) return
    sections.set(of, [...(sections.get(of) ?? []), `${name}@${version.replaceAll("'", '')}`])
  }
  const found = new Set<string>()
  const visit = (name: string) => {
    if (found.has(name)) return
    found.add(name)
    for (const next of sections.get(name) ?? []) visit(next)
  }
  for (const importer of importers) for (const name of sections.get(`importers ${importer}`) ?? []) visit(name)
  return [...found].sort()
}
