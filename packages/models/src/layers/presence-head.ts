import { Parameter, type Random, type Tensor4D, tf } from '@limbeck/core'
