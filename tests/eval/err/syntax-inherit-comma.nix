{ inherit a, b; }
