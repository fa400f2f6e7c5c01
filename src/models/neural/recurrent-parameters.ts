/** How large a recurrent net is. */
import type { Parameter } from '../model.js'

export const recurrentParameters = {
  units: {
    default: 32,
    range: [1, 1024],
    integer: true,
    meaning: 'Size of the state of a layer.',
    search: { low: 8, high: 128, log: true },
  },
  layers: { default: 1, range: [1, 3], integer: true, meaning: 'Layers, one upon the other.' },
} as const satisfies Record<string, Parameter>
