// The console's files as the api sends them: compressed beforehand, and the page itself for every address that is no file.
import { createReadStream, existsSync } from 'node:fs'
import { extname, join, normalize } from 'node:path'

/** @type {Record<string, string>} */
const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2'
}

/** @param {import('node:http').ServerResponse} response @param {string} folder @param {string} path @param {string | string[]} accepted */
export function sendFile(response, folder, path, accepted) {
  const asked = join(folder, normalize(path))
  const file = extname(path) !== '' && existsSync(asked) ? asked : join(folder, 'index.html')
  const isCompressed = String(accepted).includes('br') && existsSync(`${file}.br`)
  response.writeHead(200, {
    'content-type': types[extname(file)] ?? 'application/octet-stream',
    ...(isCompressed ? { 'content-encoding': 'br' } : {})
  })
  createReadStream(isCompressed ? `${file}.br` : file).pipe(response)
}
