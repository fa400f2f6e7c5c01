#!/usr/bin/env node
/**
 * argv → command → exit code.
 */
import { runCommandLine } from './cli/program.js'

// `sluice status | head -1`: the reader has seen enough, which is no error.
process.stdout.on('error', (error) => {
  if ('code' in error && error.code === 'EPIPE') process.exit(0)
  throw error
})

process.exitCode = await runCommandLine(process.argv)
