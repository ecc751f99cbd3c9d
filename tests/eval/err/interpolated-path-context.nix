./${builtins.appendContext "x" { "/nix/store/hqi1cciysif5bgxhdmi60xbg9xxqdc3d-x".path = true; }}
