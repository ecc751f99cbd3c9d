{
  name = "hello";
  kernel = ./kernel;
  init = ./args.nix;
  files."./args.nix" = "/etc/a";
  cmd = [ "/bin/sh" "-c" "echo a" ];
}
