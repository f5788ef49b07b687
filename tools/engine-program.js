// `node tools/engine-program.js NAME ...` runs a program of the engine's tests, given the arguments behind its name.
//
// It is bundled first, since its sources are TypeScript and it should run as fast as what is built.
import { spawn } from 'node:child_process'
import { basename, join } from 'node:path'
import { CannotProceed, entryOf, isEntry, main, root, run } from './program.js'
import { provideValkey } from './valkey.js'

/** Each with its source, and whether a real server is compared with. */
const programs = new Map([
  ['differential', { source: 'test/differential/differential.ts', needsValkey: true }],
  ['fuzz', { source: 'test/fuzz/fuzz.ts', needsValkey: false }]
])
const engine = join(root, 'packages/engine')

/**
 * @param {string} source relative to the engine
 * @returns {Promise<string>} the bundle
 */
async function bundle(source) {
  const outDir = join(engine, 'dist/programs')
  const args = ['build', engine, '--ssr', source, '--outDir', outDir, '--emptyOutDir', 'false', '--minify', 'false', '--logLevel', 'warn']
  const { code } = await run(process.execPath, [entryOf('apps/console', 'vite'), ...args], { output: 'progress' })
  if (code !== 0) throw new CannotProceed(`${source} cannot be bundled`)
  return join(outDir, `${basename(source, '.ts')}.js`)
}

if (isEntry(import.meta.url)) {
  await main('engine-program', async () => {
    const [name = '', ...args] = process.argv.slice(2)
    const program = programs.get(name)
    if (!program) throw new CannotProceed(`there is no program ${name}, but ${[...programs.keys()].join(', ')}`)
    const valkey = program.needsValkey ? await provideValkey({ say: (line) => void process.stderr.write(`${line}\n`) }) : undefined
    const file = await bundle(program.source)
    const env = valkey === undefined ? process.env : { ...process.env, VALKEY_SERVER: join(valkey, 'valkey-server') }
    const child = spawn(process.execPath, [file, ...args], { stdio: 'inherit', env })
    return new Promise((resolve) => child.on('close', (code) => resolve(code ?? 1)))
  })
}
