{
  name = [ ];
  tag = 1;
  files = "x";
  annotations = "y";
  cmd = "a b";
  entrypoint = [ 1 ];
  env = true;
  workingDir = ./.;
  user = [ ];
  labels = [ ];
  architecture = { };
  created = { };
}
