[ builtins.currentSystem __currentSystem ]
