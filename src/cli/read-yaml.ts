/**
 * YAML that a person wrote, and what is wrong with it in words.
 */
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { messageOf, UserError } from '../core/errors.js'

/** What could not be opened, in words; the system's own text for what is rare. */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is a file',
  EACCES: 'you may not read it',
}

/**
 * The content of a YAML file; null of an empty one.
 *
 * @throws UserError (exit code 2) with the line where it stops being YAML
 */
export function readYamlFile(path: string, what: string, hint: string): unknown {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    throw new UserError(`${what} ${path} cannot be read: ${REASONS[code] ?? messageOf(error)}`, {
      hint: 'check the path',
      exitCode: 2,
      cause: error,
    })
  }
  try {
    return parse(text)
  } catch (error) {
    throw new UserError(`${path} is not YAML: ${yamlProblem(error)}`, { hint, exitCode: 2, cause: error })
  }
}

/** The parser's sentence without the mark that announces its picture, and the picture: the line, and where in it. */
function yamlProblem(error: unknown): string {
  const [sentence, ...picture] = messageOf(error).split('\n')
  const lines = picture.filter((line) => line.trim() !== '').map((line) => `\n  ${line}`)
  return sentence.replace(/:\s*$/, '') + lines.join('')
}
