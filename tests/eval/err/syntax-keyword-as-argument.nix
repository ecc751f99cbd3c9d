assert: 1
