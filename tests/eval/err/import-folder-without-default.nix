import ./support/empty
