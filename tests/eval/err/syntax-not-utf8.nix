"bad ÿ byte"
