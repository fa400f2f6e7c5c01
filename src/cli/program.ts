/**
 * From the command table to commander and back to an exit code. Every error ends here, as a message with its hint.
 */
import { Command as Commander, CommanderError } from 'commander'
import { EXIT, messageOf, UserError } from '../core/errors.js'
import { suggestion } from '../core/suggest.js'
import { inUsersWords } from '../datasets/files.js'
import { COMMANDS, type Command } from './commands.js'
import { checkFlags, type Flags, OPTIONS, type OptionName } from './flags.js'
import { hintsFor, printError } from './print-error.js'
import { PIPELINE } from './repeat-options.js'

const VERSION = '0.3.0'

export async function runCommandLine(argv: readonly string[]): Promise<number> {
  let code: number = EXIT.done
  const program = new Commander('sluice')
    .description('From exchange history to trading signals: every stage a gate, every run resumable.')
    .version(VERSION)
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .showSuggestionAfterError(true)
    .addHelpText(
      'after',
      '\nStart with: sluice run demo     (offline, on a simulated market)\nThen:       sluice run --pair BTCUSDT',
    )
  for (const command of COMMANDS) {
    add(program, command, (result) => {
      code = result
    })
  }
  try {
    if (argv.length <= 2) {
      program.outputHelp()
      return EXIT.done
    }
    checkCommand(argv.slice(2), COMMANDS)
    await program.parseAsync([...argv])
    return code
  } catch (error) {
    return explain(error)
  }
}

function add(
  parent: Commander,
  { name, summary, arguments: given, options, examples, notes, subcommands, run }: Command,
  finish: (code: number) => void,
): void {
  const command = parent
    .command(name)
    .summary(summary)
    .description(summary)
    .exitOverride()
    .configureOutput({ outputError: () => {} })
  if (given !== undefined) command.arguments(given)
  for (const option of options) {
    const { flags, meaning, kind } = OPTIONS[option as OptionName]
    // A list option takes one value each time, so that it cannot swallow an argument that follows.
    if (kind === 'list')
      command.option(flags.replace('...>', '>'), meaning, (value: string, before: string[] = []) => [...before, value])
    else command.option(flags, meaning)
  }
  if (examples !== undefined)
    command.addHelpText('after', `\nExamples:\n${examples.map((line) => `  ${line}`).join('\n')}`)
  if (notes !== undefined) command.addHelpText('after', `\n${notes.join('\n')}`)
  for (const sub of subcommands ?? []) add(command, sub, finish)
  if (run !== undefined) {
    command.action(async (...parameters: unknown[]) => {
      const own = parameters.at(-1) as Commander
      const flags = own.optsWithGlobals() as Flags
      checkFlags(flags)
      hintsFor(COMMANDS, { flags, pipeline: given === PIPELINE ? (own.args[0] ?? null) : null })
      finish(await run(flags, own.args))
    })
  }
}

/**
 * Commander shows the help of the program for `sluice trian --help`, as if there were such a command.
 *
 * @throws UserError (exit code 2) when the first words are no command
 */
function checkCommand([word, ...rest]: readonly string[], commands: readonly Command[]): void {
  if (word === undefined || word.startsWith('-')) return
  const command = commands.find(({ name }) => name === word)
  const below = word === 'help' ? commands : command?.arguments === undefined ? command?.subcommands : undefined
  if (below !== undefined) checkCommand(rest, below)
  if (command !== undefined || word === 'help') return
  const names = commands.map(({ name }) => name)
  throw new UserError(`unknown command '${word}'${suggestion(word, names)}`, {
    hint: commands === COMMANDS ? 'sluice --help lists the commands' : `there are ${names.join(', ')}`,
    exitCode: EXIT.usage,
  })
}

/** Prints what went wrong and says with which code to end. */
function explain(error: unknown): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0 || error.code === 'commander.help') return error.exitCode === 0 ? EXIT.done : EXIT.usage
    const [message, ...hints] = error.message.replace(/^error: /, '').split('\n')
    printError(
      message,
      hints.join(' ').replace(/^\(|\)$/g, '') ||
        'sluice --help lists the commands, sluice <command> --help their options',
    )
    return EXIT.usage
  }
  // What the system refuses is no fault of ours, wherever it was refused.
  const known = inUsersWords(error, 'a file of the workspace')
  if (known instanceof UserError) {
    printError(known.message, known.hint ?? null, known.exitCode !== EXIT.usage)
    return known.exitCode
  }
  printError(messageOf(error), null)
  process.stderr.write(
    `${error instanceof Error ? error.stack : ''}\n\nThis is a fault in Sluice, not in your input.\n`,
  )
  return EXIT.failed
}
