/**
 * Hints name commands; whoever types one needs the workspace, files, settings and pairs again that the command at hand was given.
 */
import { type Flags, OPTIONS, type OptionName } from './flags.js'
import { forShell } from './for-shell.js'

/** What a person typed: the options, and the pipeline where one was named. */
export type Typed = { readonly flags: Flags; readonly pipeline: string | null }

/** Of the table of commands what is needed here. */
export type KnownCommand = {
  readonly name: string
  readonly arguments?: string
  readonly options: readonly string[]
  readonly subcommands?: readonly KnownCommand[]
}

/** Options that say what is worked on, not what is done with it. */
const KEPT: readonly OptionName[] = ['root', 'config', 'set', 'pair', 'models']

/** How the table of commands writes a command that takes the name of a pipeline. */
export const PIPELINE = '[pipeline]'

/** The hint with the options of `typed` after each command of `commands` in it that takes them, but those that it has already. */
export function repeatOptions(hint: string, commands: readonly KnownCommand[], typed: Typed): string {
  return hint.replace(
    /\bsluice ([a-z]+)((?: [a-z]+)?)([^;`]*)/g,
    (whole, name: string, second: string, rest: string) => {
      const command = commands.find((one) => one.name === name)
      if (command === undefined) return whole
      const sub = command.subcommands?.find((one) => ` ${one.name}` === second)
      // Another command may follow in the same sentence; it is given its own.
      const [own, ...others] = `${sub === undefined ? second : ''}${rest}`.split(/(?=\bsluice )/)
      const [words, takes] = sub === undefined ? wordsOf(command, own, typed) : [`${name} ${sub.name}`, sub.options]
      const options = KEPT.filter((option) => takes.includes(option) && !own.includes(`--${option}`))
      const text = [`sluice ${words}`, ...options.flatMap((option) => written(option, typed.flags))].join(' ')
      return `${text}${own}${repeatOptions(others.join(''), commands, typed)}`
    },
  )
}

/** A stage of a pipeline is run as a part of it: by itself it would not know the pipeline's values. */
function wordsOf({ name, arguments: given, options }: KnownCommand, own: string, { pipeline }: Typed) {
  const isStage = options.includes('force') && given === undefined
  if (pipeline === null) return [name, options] as const
  if (given === PIPELINE) return [own.startsWith(` ${pipeline}`) ? name : `${name} ${pipeline}`, options] as const
  return [isStage ? `run ${pipeline} --from ${name} --to ${name}` : name, options] as const
}

function written(option: OptionName, flags: Flags): string[] {
  const value = flags[option]
  const texts = typeof value === 'string' ? [value] : Array.isArray(value) ? value : []
  const [flag] = OPTIONS[option].flags.split(' ')
  return texts.map((text: string) => `${flag} ${forShell(text)}`)
}
