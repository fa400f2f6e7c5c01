/** What a neural network is computed with: it decides the result, so it is among the settings of a fit; of other models there is none. */
import type { Config } from '../../config/settings.js'
import type { Json } from '../../core/canonical.js'
import { librariesOf } from './constraints.js'

export async function backendSetting(model: string, config: Config): Promise<{ readonly [key: string]: Json }> {
  if (!(await librariesOf(model)).includes('tfjs')) return {}
  const { backendOf } = await import('../../models/neural/engine.js')
  return { backend: backendOf(config['neural.backend']) }
}
