"a" + ./missing
