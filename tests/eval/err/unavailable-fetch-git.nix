builtins.fetchGit { url = "https://example.com/repository"; }
