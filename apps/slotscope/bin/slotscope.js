#!/usr/bin/env node
// The stable entry of the command; it runs what `pnpm build` built.
import { main } from '../dist/main.js'

main(process.argv.slice(2))
