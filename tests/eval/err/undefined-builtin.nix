builtins.maps
