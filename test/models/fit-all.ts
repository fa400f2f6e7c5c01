/** Run in a process of its own: fits every kind for every task and prints the SHA-256 of all files of each. */

import { createHash } from 'node:crypto'
import { modelKind, modelNames } from '../../src/models/registry.js'
import { budget, fitOptions, regression, sample, valueSample } from './sample.js'

export async function fitAll(): Promise<Record<string, string>> {
  const digests: Record<string, string> = {}
  for (const name of modelNames) {
    const kind = await modelKind(name)
    if (!(await kind.available(process.env)).ok) continue
    // A round of a net is a pass over all rows: a few tell as much.
    const parameters = budget(kind, kind.window === undefined ? 40 : 4)
    for (const task of kind.tasks) {
      const [make, options] =
        task === 'regression'
          ? ([valueSample, regression({ parameters })] as const)
          : ([sample, fitOptions({ parameters })] as const)
      const model = await kind.fit(make(21, 800, { weighted: true }), make(22, 300), options)
      const hash = createHash('sha256')
      for (const [file, bytes] of model.files()) hash.update(file).update(bytes)
      digests[`${name} ${task}`] = hash.digest('hex')
      model.close()
    }
  }
  return digests
}

if (process.env.FIT_ALL === 'print') console.log(JSON.stringify(await fitAll()))
