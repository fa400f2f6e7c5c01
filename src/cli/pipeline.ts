/**
 * Pipelines: what runs, in which order, with which overrides. YAML files in `pipelines/`, or anywhere by path.
 */
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { UserError } from '../core/errors.js'
import { suggestion } from '../core/suggest.js'
import { isPairName } from '../market/pair-name.js'
import { STAGE_NAMES } from '../stages/stage.js'
import { readYamlFile } from './read-yaml.js'

const FOLDER = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'pipelines')

const schema = z.strictObject({
  meaning: z.string(),
  root: z.string().optional(),
  simulate: z
    .strictObject({
      seed: z.number().int(),
      edge: z.number().min(0),
      pairs: z.array(z.string().refine((text) => isPairName(text), 'holds no name of a pair')).min(1),
      start: z.string(),
      months: z.number().int().min(1),
      kinds: z.array(z.string()).optional(),
      out: z.string(),
    })
    .optional(),
  stages: z.array(z.enum(STAGE_NAMES)).min(1),
  config: z.record(z.string(), z.unknown()).default({}),
})

export type Pipeline = z.infer<typeof schema> & { readonly name: string }

/** @throws UserError when there is no such pipeline, or it is not one */
export function readPipeline(name: string): Pipeline {
  const path = /[/.]/.test(name) ? name : join(FOLDER, `${name}.yaml`)
  if (!existsSync(path)) {
    const known = readdirSync(FOLDER)
      .filter((file) => file.endsWith('.yaml'))
      .map((file) => file.slice(0, -'.yaml'.length))
    throw new UserError(`there is no pipeline ${name}${suggestion(name, known)}`, {
      hint: `there are ${known.join(', ')}; or give the path of a file`,
      exitCode: 2,
    })
  }
  const parsed = schema.safeParse(readYamlFile(path, 'the pipeline', 'see pipelines/full.yaml'))
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `  ${issue.path.join('.') || name}: ${issue.message}`)
    throw new UserError(`${path} is not a pipeline\n${problems.join('\n')}`, {
      hint: 'see pipelines/full.yaml',
      exitCode: 2,
    })
  }
  return { ...parsed.data, name }
}
