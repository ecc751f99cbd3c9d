throw "bad: ÿ"
