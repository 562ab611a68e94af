export * from './fine-tune.ts'
export * from './mib.ts'
export * from './plop.ts'
export * from './plugin.ts'
