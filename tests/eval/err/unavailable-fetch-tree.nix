builtins.fetchTree { type = "git"; url = "https://example.com/repository"; }
