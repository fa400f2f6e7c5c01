import { describe, expect, it } from 'vitest'
import { COMMANDS } from '../../src/cli/commands.js'
import { repeatOptions } from '../../src/cli/repeat-options.js'

const flags = {
  root: '/tmp/my work',
  pair: ['FILUSDT'],
  set: ['bars.context=[4h,1d]', 'seed=3'],
  models: ['logistic'],
  jobs: '2',
  quiet: true,
}
const told = (hint: string, pipeline: string | null = null) => repeatOptions(hint, COMMANDS, { flags, pipeline })
const where = "--root '/tmp/my work' --set 'bars.context=[4h,1d]' --set seed=3"

describe('a hint with what was typed', () => {
  it('has the workspace, settings, pairs and models, but not how the work is done', () => {
    expect(told('run it first: sluice run --to train')).toBe(
      `run it first: sluice run ${where} --pair FILUSDT --models logistic --to train`,
    )
  })

  it('gives a command only options that it takes', () => {
    expect(told('sluice verify hashes finds them')).toBe("sluice verify hashes --root '/tmp/my work' finds them")
    expect(told('sluice clean')).toBe(`sluice clean ${where} --pair FILUSDT`)
    expect(told('sluice features list names all')).toBe(`sluice features list ${where} names all`)
  })

  it('leaves an option that the hint has, and words that are no command', () => {
    expect(told('sluice run --pair BTCUSDT')).toBe(`sluice run ${where} --models logistic --pair BTCUSDT`)
    expect(told('free some space; sluice itself is small')).toBe('free some space; sluice itself is small')
    expect(repeatOptions('sluice run', COMMANDS, { flags: {}, pipeline: null })).toBe('sluice run')
  })

  it('tells each of several commands', () => {
    expect(told('sluice status shows it; sluice train tries again')).toBe(
      `sluice status ${where} --pair FILUSDT --models logistic shows it; sluice train ${where} --pair FILUSDT --models logistic tries again`,
    )
    expect(told('`sluice models list` names those that are; `sluice run` makes one')).toBe(
      `\`sluice models list ${where} --pair FILUSDT\` names those that are; \`sluice run ${where} --pair FILUSDT --models logistic\` makes one`,
    )
  })

  it('runs a stage as a part of the pipeline that was named', () => {
    const typed = { flags: { root: 'x' }, pipeline: 'demo' }
    expect(repeatOptions('sluice clean; or sluice run --to train; or sluice status', COMMANDS, typed)).toBe(
      'sluice run demo --from clean --to clean --root x; or sluice run demo --root x --to train; or sluice status demo --root x',
    )
  })
})
