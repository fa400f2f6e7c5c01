/** Commands as a person may copy them. */

/** A word as a shell takes it for one: as it is where it can be, in quotes elsewhere. */
export function forShell(text: string): string {
  return /^[\w./:=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}

/** `sluice run` on these pairs with these settings, ready to be typed. */
export function runCommand(pairs: readonly string[], settings: readonly string[]): string {
  return `sluice run ${[...pairs.map((pair) => `--pair ${pair}`), ...settings.map((text) => `--set ${forShell(text)}`)].join(' ')}`
}
