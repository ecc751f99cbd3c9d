[ https://example.org/ÿ ]
