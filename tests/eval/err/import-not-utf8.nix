import ./support/not-utf8.bin
