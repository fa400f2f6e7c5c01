/**
 * argv → command → exit code.
 */
import { runCommandLine } from './cli/program.js'

process.exitCode = await runCommandLine(process.argv)
