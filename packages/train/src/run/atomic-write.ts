export { writeAtomically, writeJson } from '@limbeck/data'
