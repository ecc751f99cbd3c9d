[ "ÿş" /* ÿ */ undefined ]
