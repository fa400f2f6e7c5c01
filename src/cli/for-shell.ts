/** A word as a shell takes it for one: as it is where it can be, in quotes elsewhere. */
export function forShell(text: string): string {
  return /^[\w./:=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
