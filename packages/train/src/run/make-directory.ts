export { makeDirectory } from '@limbeck/data'
