import { FormatError, parseSafetensors, type StoredTensor } from '@limbeck/core'

/** A zip archive, which torch.save writes since PyTorch 1.6. */
const ZIP = [0x50, 0x4b, 0x03, 0x04]
/** A pickle of protocol 2 or later, which it wrote before. */
const PICKLE = [0x80]
/** The header of safetensors begins so, after its length, whose first bytes may be those of a pickle. */
const HEADER = { at: 8, brace: 0x7b }

/**
 * The tensors of a safetensors file. Throws `FormatError`; `import/pickle` for a `.pt` or `.pth` file of PyTorch, a
 * program that is not run here.
 */
export function parseWeights(bytes: Uint8Array, file: string): ReadonlyMap<string, StoredTensor> {
  if (bytes[HEADER.at] !== HEADER.brace && (startsWith(bytes, ZIP) || startsWith(bytes, PICKLE))) {
    throw new FormatError(
      'import/pickle',
      `${file}: is a pickle, a program that could do anything when it is read`,
      {
        expected: 'a safetensors file',
        hint: `convert it once, where PyTorch is installed:\n${conversionOf(file)}`,
      },
    )
  }
  return parseSafetensors(bytes, file).tensors
}

/** A command that keeps the tensors of a checkpoint and runs no code of it (`weights_only`). */
function conversionOf(file: string): string {
  const target = file.replace(/\.(pt|pth|bin|ckpt)$/, '').concat('.safetensors')
  const program = [
    'import torch, safetensors.torch as st',
    `s = torch.load(${JSON.stringify(file)}, map_location="cpu", weights_only=True)`,
    's = s.get("state_dict", s.get("model_state", s.get("model", s)))',
    's = {k: v.clone().contiguous() for k, v in s.items() if torch.is_tensor(v)}',
    `st.save_file(s, ${JSON.stringify(target)})`,
  ]
  return `    python -c '${program.join('; ')}'`
}

const startsWith = (bytes: Uint8Array, magic: readonly number[]): boolean =>
  magic.every((byte, at) => bytes[at] === byte)
