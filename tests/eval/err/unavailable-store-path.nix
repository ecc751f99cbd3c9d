builtins.storePath "/nix/store/hqi1cciysif5bgxhdmi60xbg9xxqdc3d-x"
