# The same image everywhere: what machine this is must be said.
builtins.currentSystem
