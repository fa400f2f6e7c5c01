/** What a unit reads is what was written: every byte is looked at before the first is used, once by each worker. */
import { UserError } from '../core/errors.js'
import type { FileHashes } from '../datasets/file-hashes.js'
import type { InputFile } from '../stages/stage.js'

/** @throws UserError naming the first that is gone or has another content than its manifest says */
export async function checkInputs(
  inputs: readonly Pick<InputFile, 'path' | 'sha256'>[],
  hashes: Pick<FileHashes, 'of'>,
): Promise<void> {
  for (const { path, sha256 } of inputs) {
    const found = await hashes.of(path)
    if (found === sha256) continue
    const is =
      found === null ? 'is gone' : `is damaged: it has hash ${found.slice(0, 12)}, written was ${sha256.slice(0, 12)}`
    throw new UserError(`${path} ${is}`, {
      hint: 'delete it and run the same command again: it is made anew; sluice verify hashes finds all such files',
    })
  }
}
