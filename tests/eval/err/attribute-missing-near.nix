{ a = 1; b = { nested = 2; }; }
