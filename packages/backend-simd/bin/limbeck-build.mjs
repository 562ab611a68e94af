#!/usr/bin/env node
import '@limbeck/native/build-addon'
