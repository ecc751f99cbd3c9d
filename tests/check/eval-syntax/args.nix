{ name = "a" }
