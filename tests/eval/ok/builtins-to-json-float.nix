# Older versions of Nix write fewer digits.
map builtins.toJSON [ 1.0 0.1 (0.1 + 0.2) 1.0e-7 123456789.125 (1.0 / 3) (0.0 * -1) ]
