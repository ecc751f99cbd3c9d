# What is a function of a set is called, as by nix-build.
{ a ? 1, b ? a }:
{ inherit a b; }
