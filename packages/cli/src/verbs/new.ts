import { readFile, writeFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { ConfigError, unknownName } from '@limbeck/core'
import { defineCommand } from '../command.ts'

/** Templates lie beside the sources as files that work as they are. */
const TEMPLATES: Readonly<Record<string, string>> = {
  loss: 'loss.ts',
  method: 'method.ts',
  model: 'model.ts',
  plugin: 'plugin.ts',
  config: 'config.yaml',
}

export const create = defineCommand({
  name: 'new',
  summary: 'Writes a loss, method, model, plugin or config to start from',
  arguments: [
    { name: 'KIND', summary: `one of ${Object.keys(TEMPLATES).join(', ')}` },
    { name: 'NAME', summary: 'in kebab-case; the file is NAME.ts or NAME.yaml' },
  ],
  flags: {},
  async run({ args: [kind, name], terminal }) {
    const template = TEMPLATES[kind!]
    if (template === undefined) {
      throw unknownName(
        'usage/unknown-kind',
        `limbeck new: no template for "${kind}"`,
        kind!,
        Object.keys(TEMPLATES),
      )
    }
    if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name!)) {
      throw new ConfigError('usage/name', 'limbeck new: the name is not in kebab-case', {
        expected: 'small letters, digits and single hyphens: spatial-attention',
        received: name!,
      })
    }
    const text = await readFile(new URL(`../../templates/${template}`, import.meta.url), 'utf8')
    const file = `${name}${extname(template)}`
    await writeNew(file, fillIn(text, name!))
    const next = kind === 'config' ? `limbeck train ${file}` : `limbeck check-plugin ${file}`
    terminal.out(`${file}\nnext: ${next}`)
    return 0
  },
})

function fillIn(text: string, name: string): string {
  const pascal = name.replace(/(?:^|-)(.)/g, (_, letter: string) => letter.toUpperCase())
  return text
    .replaceAll('template-name', name)
    .replaceAll('TemplateName', pascal)
    .replaceAll('templateName', pascal[0]!.toLowerCase() + pascal.slice(1))
}

async function writeNew(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: 'wx' })
  } catch (error) {
    throw new ConfigError('usage/unwritable', `${file}: cannot be written`, {
      received: (error as NodeJS.ErrnoException).code ?? String(error),
      hint: 'an existing file is never overwritten; choose another name',
      cause: error,
    })
  }
}
