import '@limbeck/cli/bin'
