// `pnpm bench <name>` runs one bench; each is a file of that name beside this one.
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
const names = readdirSync(here)
  .filter((file) => file.endsWith('.js') && file !== 'bench.js' && !file.endsWith('.test.js'))
  .map((file) => file.slice(0, -3))
const [name] = process.argv.splice(2, 1)
if (name === undefined || !names.includes(name)) {
  process.stderr.write(`usage: pnpm bench NAME, where NAME is one of: ${names.join(', ')}\n`)
  process.exit(2)
}
await import(new URL(`${name}.js`, import.meta.url).href)
