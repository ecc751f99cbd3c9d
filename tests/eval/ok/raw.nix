"no quotes\nand no escapes \${x}"
