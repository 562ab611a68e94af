import { defineLoss, definePlugin, map, Registry, tf } from '@limbeck/core'
import { describe, expect, it } from 'vitest'

const loss = (name: string) =>
  defineLoss({ name, summary: 's', inputs: { x: map() }, options: {}, compute: ({ x }) => tf.mean(x) })

describe('Registry', () => {
  const dice = loss('dice')
  const registry = new Registry([
    definePlugin({ name: 'losses', losses: [dice, loss('focal')] }),
    definePlugin({ name: 'my-lab', losses: [loss('attention-transfer')] }),
    definePlugin({ name: '@my/lab', losses: [loss('look-alike')] }),
  ])

  it('finds by name and by qualified name', () => {
    expect(registry.get('losses', 'dice')).toBe(dice)
    expect(registry.get('losses', 'losses/dice')).toBe(dice)
    expect(registry.get('losses', '@my/lab/look-alike').spec.name).toBe('look-alike')
    expect(registry.names('losses')).toEqual(['attention-transfer', 'dice', 'focal', 'look-alike'])
  })

  it('offers the nearest name, and says where it was looked for', () => {
    expect(() => registry.get('losses', 'dise', 'terms.a.loss')).toThrow(
      'terms.a.loss: no loss is named "dise"',
    )
    expect(() => registry.get('losses', 'dise')).toThrow('did you mean "dice"?')
    expect(() => registry.get('losses', 'my-lab/dice')).toThrow('no loss is named "my-lab/dice"')
    expect(() => registry.get('models', 'unet')).toThrow('nothing: none exists here')
  })

  it('refuses two plugins that give one name', () => {
    const plugins = [
      definePlugin({ name: 'one', losses: [loss('dice')] }),
      definePlugin({ name: 'two', losses: [loss('dice')] }),
    ]
    expect(() => new Registry(plugins)).toThrow('plugin "two" adds the loss "dice", which plugin "one" has')
  })
})
