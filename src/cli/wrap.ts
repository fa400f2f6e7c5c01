/**
 * Lines that fit a terminal. Logs are never wrapped: whoever reads them has tools that go by lines.
 */

/** Where the text of a unit goes on: below its name. */
const INDENT = ' '.repeat(10)

/** Each line cut at spaces so that none is wider than `width`, the rest set in; a word that is wider itself stays whole. */
export function wrapped(text: string, width: number): string {
  return text
    .split('\n')
    .flatMap((line) => wrapLine(line, width))
    .join('\n')
}

function wrapLine(line: string, width: number): string[] {
  if (line.length <= width) return [line]
  const at = line.lastIndexOf(' ', width)
  const begin = line.search(/\S/)
  // Nowhere to cut but inside the margin or inside a word.
  const cut = at > Math.max(begin, INDENT.length) ? at : line.indexOf(' ', width)
  if (cut < 0) return [line]
  return [line.slice(0, cut).trimEnd(), ...wrapLine(INDENT + line.slice(cut).trimStart(), width)]
}
